/** Near-duplicates' front door. */
export { NEAR_DUPLICATE_BITS, nearDuplicates } from './near-duplicates.js';
export { perceptualHash } from './perceptual-hash.js';
