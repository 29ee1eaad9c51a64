/** Near-duplicates' front door. */
export { NEAR_DUPLICATE_BITS, PictureSignatures } from './near-duplicates.js';
export { type PictureSignature, pictureSignature } from './perceptual-hash.js';
