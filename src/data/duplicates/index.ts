/** Near-duplicates' front door. */
export { DisjointSets } from './disjoint-sets.js';
export { NEAR_DUPLICATE_BITS, nearDuplicates } from './near-duplicates.js';
export { perceptualHash } from './perceptual-hash.js';
