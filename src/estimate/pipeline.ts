/** Where an estimator's pictures go: a pipeline in this thread, or one in another. */
import type { Present } from './inputs.js';
import type { FaceOptions } from './options.js';
import type { ImageEstimate } from './types.js';

/** What is found of a picture: its faces, or why it cannot be read. */
export type Outcome = Omit<ImageEstimate, 'index' | 'source'> | { readonly error: Error };

export interface PictureOptions extends FaceOptions {
  /** Keeps a picture from being looked at; one that has been is finished. */
  readonly signal?: AbortSignal;
}

/** Takes any number of pictures at once. */
export interface Pipeline {
  /**
   * @param name what errors call the picture
   * @param onSeen called once, as soon as the picture is needed no longer: the moment to give the next
   * @throws a network's error, or the signal's reason; what is wrong with the picture alone is its outcome
   */
  estimate(picture: Present, name: string, options: PictureOptions, onSeen: () => void): Promise<Outcome>;
  /** To be called once no picture is on its way. */
  dispose(): Promise<void>;
}
