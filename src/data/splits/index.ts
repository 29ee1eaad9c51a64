/** Splits: which rows of a store train, validate and test. */
export {
  makeSplit,
  partsBy,
  readSplit,
  type Split,
  type SplitDocument,
  type SplitStore,
  writeSplit,
} from './file.js';
export { type GivenSplit, readGivenSplit, splitTable } from './given.js';
export { type SplitMethod, splitMethodSchema, splitName } from './method.js';
export { SPLIT_METHODS, type SplitMethodName } from './names.js';
