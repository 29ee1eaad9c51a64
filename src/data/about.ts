/**
 * Descriptions as plain data: the readable data sets, cleaning rules, split methods. It loads no implementation, so
 * that help and messages appear at once.
 */
export { CLEANING_PRESETS, type CleaningPreset, describeRules } from './cleaning/rules.js';
export { plainText } from './plain-text.js';
export { READERS, readerOf } from './sets/index.js';
export { SPLIT_METHODS, type SplitMethodName } from './splits/names.js';
