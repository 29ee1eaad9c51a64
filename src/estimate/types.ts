/** What goes into an estimate and what comes out. */
import type { AgeDistribution } from '../age/index.js';
import type { Box, Landmarks, PixelImage } from '../vision/index.js';

/** A picture: a path, a file's bytes, or pixels already decoded. */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | PixelImage;

export type GenderLabel = 'female' | 'male';

/** One face's estimate. Ages are in years. */
export interface FaceEstimate {
  /** In pixels of the upright picture as given; it may reach beyond the picture. */
  readonly box: Box;
  /** The detector's score in 0..1; null where the picture was given as one face already cropped. */
  readonly score: number | null;
  readonly landmarks: Landmarks | null;
  /** The expectation of the distribution: the estimate of DEX. */
  readonly age: number;
  /** The age that half of the probability lies below. */
  readonly median: number;
  /** The standard deviation of the distribution. */
  readonly std: number;
  /** The central interval that holds 90% of the probability. */
  readonly interval: readonly [low: number, high: number];
  readonly distribution: AgeDistribution;
  /** Absent where gender is switched off or no model tells it. */
  readonly gender?: { readonly label: GenderLabel; readonly probability: number };
  /** P(age ≥ t), t in years. */
  atLeast(t: number): number;
}

/** The faces of one picture, by descending score. */
export interface ImageEstimate {
  /** The upright picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceEstimate[];
}

/** What stands for a picture of a list that could not be read. */
export interface ImageFailure {
  readonly error: Error;
}

export type ProgressEvent =
  | { readonly phase: 'load'; readonly model: string; readonly done: number; readonly total: number }
  | { readonly phase: 'estimate'; readonly done: number; readonly total: number };

export type OnProgress = (event: ProgressEvent) => void;
