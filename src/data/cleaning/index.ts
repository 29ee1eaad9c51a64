/** Cleaning's front door. */
export {
  CLEANING_PRESETS,
  type CleaningPreset,
  type CleaningRules,
  rejectLabels,
  rejectSize,
} from './rules.js';
