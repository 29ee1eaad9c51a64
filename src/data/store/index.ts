/** The store's front door. */
export { Store } from './store.js';
export type { LabelCounts, NewRow, StoredPictures, StoreInfo, StoreOrigin, StoreRow } from './types.js';
