/** The interface of pipelines: one in this thread, or one in another. */
import type { Present } from './inputs.js';
import type { FaceOptions } from './options.js';
import type { ImageEstimate } from './types.js';

/** A picture's faces, or why it cannot be read. */
export type Outcome = Omit<ImageEstimate, 'index' | 'source'> | { readonly error: Error };

export interface PictureOptions extends FaceOptions {
  /** Prevents a picture from being started; one already started is finished. */
  readonly signal?: AbortSignal;
}

/** Accepts any number of concurrent pictures. */
export interface Pipeline {
  /**
   * @param name the picture's name in errors
   * @param onSeen called once, as soon as the picture is no longer needed: the time to pass the next
   * @throws a network's error, or the signal's reason; problems of the picture itself are in its outcome
   */
  estimate(picture: Present, name: string, options: PictureOptions, onSeen: () => void): Promise<Outcome>;
  /** To be called when no picture is in progress. */
  dispose(): Promise<void>;
}
