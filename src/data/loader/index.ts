/** The loader: batches of faces, decoded and augmented in threads. */
export {
  type AugmentConfig,
  type AugmentOptions,
  augmentSchema,
  type Look,
  LookWriter,
  type Mix,
  mixRows,
  mixTargets,
  PLAIN_COLOUR,
  PLAIN_LOOK,
} from './augment/index.js';
export { decodePicture } from './decode.js';
export { type Labels, labelsBetween, readLabels } from './labels.js';
export { type Batch, type BatchesOptions, Loader, type Start } from './loader.js';
export { type BadPicture, type LoaderOptions, SAMPLINGS, type Sampling } from './options.js';
export { bandWeights, type SmoothingOptions, smoothedWeights } from './weights.js';
