/** The interface of pipelines: one in this thread, or one in another. */
import type { FacePlace } from './face-data.js';
import type { Present } from './inputs.js';
import type { FaceOptions } from './options.js';
import type { ImageEstimate } from './types.js';

/** A picture's faces, or why it cannot be read. */
export type Outcome = Omit<ImageEstimate, 'index' | 'source'> | { readonly error: Error };

export interface PictureOptions extends FaceOptions {
  /** Prevents a picture from being started; one already started is finished. */
  readonly signal?: AbortSignal;
  /** Set if the picture is a frame of a video. */
  readonly frame?: FrameOptions;
}

/** How to process a frame. Its faces are returned with their `view`. */
export interface FrameOptions {
  /** The places of its faces; if given, none are detected, and results are in this order. */
  readonly faces?: readonly FacePlace[];
  /** Whether to trade small and turned faces for speed; low-scoring faces are returned too. */
  readonly quick: boolean;
}

/** Accepts any number of concurrent pictures. */
export interface Pipeline {
  /** How many pictures it processes at once; it may change. Default 1. */
  readonly parallel?: number;
  /**
   * @param name the picture's name in errors
   * @param onSeen called once, as soon as the picture is no longer needed: the time to pass the next
   * @throws a network's error, or the signal's reason; problems of the picture itself are in its outcome
   */
  estimate(picture: Present, name: string, options: PictureOptions, onSeen: () => void): Promise<Outcome>;
  /** To be called when no picture is in progress. */
  dispose(): Promise<void>;
}
