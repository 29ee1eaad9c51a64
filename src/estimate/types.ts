/** The results of an estimate. */
import type { Device } from '../runtime/index.js';
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
  /** A model is loaded. */
  | { readonly phase: 'load'; readonly model: string; readonly done: number; readonly total: number }
  /** In a browser: `done` bytes of a file have arrived; `total` is undefined if the server does not state it. */
  | {
      readonly phase: 'download';
      readonly file: string;
      readonly done: number;
      readonly total: number | undefined;
    }
  /** In a browser: what the models will run on. */
  | { readonly phase: 'runtime'; readonly device: Device; readonly threads: number }
  /** A picture is done. */
  | { readonly phase: 'estimate'; readonly done: number; readonly total: number };

export type OnProgress = (event: ProgressEvent) => void;
