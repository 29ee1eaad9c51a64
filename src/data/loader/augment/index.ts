/** Augmentation: what training does to faces so that a network does not learn them by heart. */
export { augment } from './augment.js';
export { type AugmentConfig, type AugmentOptions, augmentSchema } from './config.js';
export { drawLook, type Look } from './look.js';
export { drawMix, type Mix, mixRows, mixTargets } from './mixup.js';
