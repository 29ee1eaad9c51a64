/** Augmentation: what training does to faces so that a network does not learn them by heart. */
export { Augmenter } from './augment.js';
export { type AugmentConfig, type AugmentOptions, augmentSchema } from './config.js';
export { drawMix, type Mix, mixRows, mixTargets } from './mixup.js';
