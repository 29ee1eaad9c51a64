/**
 * What data/ says of itself, in plain data: the sets that can be read, rules of cleaning, methods of dividing. It loads
 * nothing of what they do, so that help and messages come at once.
 */
export { CLEANING_PRESETS, type CleaningPreset, describeRules } from './cleaning/rules.js';
export { plainText } from './plain-text.js';
export { READERS, readerOf } from './sets/index.js';
export { SPLIT_METHODS, type SplitMethodName } from './splits/names.js';
