/** The results of an estimate. */
import type { FaceEstimate } from './face.js';

/** The faces of one picture, in the requested order. */
export interface ImageEstimate extends PictureLabel {
  /** The upright picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceEstimate[];
}

/** The result for a picture of a list or a stream that could not be read. */
export interface ImageFailure extends PictureLabel {
  readonly error: Error;
}

/** Identifies a result's picture. */
export interface PictureLabel {
  /** Its index in the list or the stream, from 0; absent for a single picture. */
  readonly index?: number;
  /** Its path, URL or file name; absent if it has none. */
  readonly source?: string;
}

export type ProgressEvent =
  | { readonly phase: 'load'; readonly model: string; readonly done: number; readonly total: number }
  | { readonly phase: 'estimate'; readonly done: number; readonly total: number };

export type OnProgress = (event: ProgressEvent) => void;
