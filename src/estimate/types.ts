/** What goes into an estimate and what comes out. */
import type { PixelImage } from '../vision/index.js';
import type { FaceEstimate } from './face.js';

/** A picture: a path, a file's bytes, or pixels already decoded. */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | PixelImage;

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
