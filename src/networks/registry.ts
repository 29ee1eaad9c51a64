/** All networks by name. */
import type { Network } from './types.js';

/** In the order in which they are listed. */
export const NETWORKS: readonly Network[] = [];
