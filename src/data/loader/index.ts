/** The loader: batches of faces, decoded and augmented in threads. */
export {
  type AugmentConfig,
  type AugmentOptions,
  augmentSchema,
  type Mix,
  mixRows,
  mixTargets,
} from './augment/index.js';
export { decodePicture } from './decode.js';
export { type Labels, labelsBetween, readLabels } from './labels.js';
export { type Batch, type BatchesOptions, Loader, type Start } from './loader.js';
export { type BadPicture, type LoaderOptions, SAMPLINGS, type Sampling } from './options.js';
export { bandWeights, type SmoothingOptions, smoothedWeights } from './weights.js';
