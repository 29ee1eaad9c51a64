/** Augmentation: random changes of training faces, so that a network does not memorize them. */
export { Augmenter } from './augment.js';
export { type AugmentConfig, type AugmentOptions, augmentSchema } from './config.js';
export { drawMix, type Mix, mixRows, mixTargets } from './mixup.js';
