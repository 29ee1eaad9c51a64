/** Robustness: how far a model's answers move when faces are cropped otherwise, blurred, compressed and the like. */

export { type AgesUnderChanges, agesUnderChangesSchema, type FaceUnderChanges } from './ages.js';
export { CHANGE_KINDS, CHANGES, type ChangeKind, levelText, VIEW_SHIFT } from './changes.js';
export { chooseFaces } from './choose.js';
export { robustnessFigures } from './figures.js';
export { lookUnderChanges } from './look-at.js';
