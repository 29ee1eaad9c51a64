/** What is found and estimated of a face, as plain data. */
import type { AgeDistribution, Gender } from '../age/index.js';
import type { Box, Landmarks } from '../vision/index.js';

/** Where a face is, as it was found. */
export interface FacePlace {
  /** In pixels of the upright picture as given; it may reach beyond the picture. */
  readonly box: Box;
  /** The detector's score in 0..1; null where the picture was given as one face already cropped. */
  readonly score: number | null;
  readonly landmarks: Landmarks | null;
}

/** What is estimated of a face, without the methods: what is left of a `FaceEstimate` after `structuredClone`. */
export interface FaceData extends FacePlace {
  /** The expectation of the distribution: the estimate of DEX. In years, as are `median`, `std` and `interval`. */
  readonly age: number;
  /** The age that half of the probability lies below. */
  readonly median: number;
  /** The standard deviation of the distribution. */
  readonly std: number;
  /** The central interval that holds 90% of the probability; of a calibrated model, widened to hold the ages of 90% of faces. */
  readonly interval: readonly [low: number, high: number];
  readonly distribution: AgeDistribution;
  /** Absent where gender is switched off or no model tells it. */
  readonly gender?: { readonly label: Gender; readonly probability: number };
}
