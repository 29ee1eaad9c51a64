/** Robustness: how far a model's estimates move when faces are cropped differently, blurred, compressed and so on. */

export { type AgesUnderChanges, agesUnderChangesSchema, type FaceUnderChanges } from './ages.js';
export { CHANGE_KINDS, CHANGES, type ChangeKind, levelText, VIEW_SHIFT } from './changes.js';
export { chooseFaces, hasKnownAge } from './choose.js';
export { robustnessFigures } from './figures.js';
export { agesUnderChanges, predictUnderChanges } from './predict.js';
