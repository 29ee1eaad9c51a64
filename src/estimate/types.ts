/** What comes out of an estimate. */
import type { FaceEstimate } from './face.js';

/** The faces of one picture, in the order asked for. */
export interface ImageEstimate extends PictureLabel {
  /** The upright picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceEstimate[];
}

/** What stands for a picture of a list or a stream that could not be read. */
export interface ImageFailure extends PictureLabel {
  readonly error: Error;
}

/** Which picture a result is of. */
export interface PictureLabel {
  /** Its place in the list or the stream, from 0; absent where one picture was given by itself. */
  readonly index?: number;
  /** Its path, its address, or its file's name; absent where it has none. */
  readonly source?: string;
}

export type ProgressEvent =
  | { readonly phase: 'load'; readonly model: string; readonly done: number; readonly total: number }
  | { readonly phase: 'estimate'; readonly done: number; readonly total: number };

export type OnProgress = (event: ProgressEvent) => void;
