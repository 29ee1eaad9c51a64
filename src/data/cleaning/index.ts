/** The entry point of cleaning. */

export { rejectBox } from './box.js';
export {
  CLEANING_PRESETS,
  type CleaningPreset,
  type CleaningRules,
  rejectLabels,
  rejectSize,
} from './rules.js';
