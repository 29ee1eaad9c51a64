/** Many pictures in files: lists and stores as inputs, resumable results, joined shards. */
export { BulkError } from './error.js';
export { estimateAll, type IndexedRecord } from './estimate-all.js';
export type { EstimateRow } from './estimate-rows.js';
export { type EstimatesInfo, EstimatesReader, estimatesInfo, writeEstimates } from './estimates-file.js';
export { joinEstimates, type Part } from './join.js';
export { type ListedPicture, type ListStart, listedPictures } from './list-file.js';
export { type NamedModel, namedModel, readNamedModel } from './models.js';
export type { BulkPicture } from './picture.js';
export { type EstimateOptions, type EstimateRequest, requestSchema, sameRequest } from './request.js';
export { inShard } from './shard.js';
export { isStore, type OpenedStore, openStore } from './store-pictures.js';
export { unfinishedName } from './unfinished.js';
export {
  type MakeRecords,
  parquetOf,
  recordRows,
  type WriteRecords,
  type Written,
  writeResults,
} from './write-results.js';
