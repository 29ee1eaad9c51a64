/** Exports runs as models. */
export type { Measured } from './compare.js';
export { ExportError } from './export-error.js';
export { type Exported, type ExportOptions, exportRuns } from './export-runs.js';
