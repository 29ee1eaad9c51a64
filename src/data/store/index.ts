/** The entry point of the store. */
export { bufferOf } from './buffer-of.js';
export { FileSink } from './file-sink.js';
export { type Measured, readInfo as readStoreInfo, recordMeasured } from './files.js';
export { Store } from './store.js';
export { StoreWriter, type StoreWriterOptions } from './store-writer.js';
export type {
  BoxFraming,
  Duplicates,
  Framing,
  LabelCounts,
  NewRow,
  Spread,
  StoredPictures,
  StoreInfo,
  StoreOrigin,
  StoreRow,
} from './types.js';
export { type RowSource, StoreUnion } from './union.js';
