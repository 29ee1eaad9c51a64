/** Augmentation: random changes of training faces, so that a network does not memorize them. */
export { Augmenter } from './augment.js';
export { type ColourChange, PLAIN_COLOUR } from './colour.js';
export { type AugmentConfig, type AugmentOptions, augmentSchema } from './config.js';
export { type Look, PLAIN_LOOK } from './look.js';
export { LookWriter } from './look-writer.js';
export { drawMix, type Mix, mixRows, mixTargets } from './mixup.js';
