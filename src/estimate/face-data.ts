/** A detected face and its estimate as plain data. */
import type { AgeDistribution, AgeGroup, Gender } from '../age/index.js';
import type { Box, FaceView, Landmarks } from '../vision/index.js';

/** A face's place in the picture, as detected. */
export interface FacePlace {
  /** In pixels of the upright picture; it may extend beyond the picture. */
  readonly box: Box;
  /** The detector's score in 0..1; null if the picture was passed as one cropped face. */
  readonly score: number | null;
  readonly landmarks: Landmarks | null;
}

/** A face's estimate without methods: a `FaceEstimate` after `structuredClone`. */
export interface FaceData extends FacePlace {
  /** The expectation of the distribution: the estimate of DEX. In years, as are `median`, `std` and `interval`; all NaN if no model predicts ages. */
  readonly age: number;
  /** The age with half of the probability below it. */
  readonly median: number;
  /** The standard deviation of the distribution. */
  readonly std: number;
  /**
   * The central interval with 90% of the probability; for a calibrated model, widened to contain the true age of 90% of
   * faces.
   */
  readonly interval: readonly [low: number, high: number];
  readonly distribution: AgeDistribution;
  /** Absent if gender is switched off or no model predicts it. */
  readonly gender?: { readonly label: Gender; readonly probability: number };
  /** The most probable age group; absent if models predict years. */
  readonly group?: AgeGroup;
  /** The age in years by each of several networks, in their order; absent if there is one. */
  readonly members?: readonly number[];
  /** How well the face can be seen; only of a video's frames. */
  readonly view?: FaceView;
}
