/** A run's logs: its facts, its history, curves for TensorBoard, and a page. */
export { type EnsembleFigures, readEnsembleFigures, writeEnsembleFigures } from './ensemble-figures.js';
export { writeEnsemblePage } from './ensemble-page.js';
export { type FigureKind, figureNames, isCommon, kindOf } from './figures.js';
export { readHistory } from './history.js';
export { LogError } from './log-error.js';
export {
  addStart,
  isRun,
  type NewRunFacts,
  type NewStart,
  type RunFacts,
  readRunFacts,
  writeRecipe,
  writeRunFacts,
} from './run-facts.js';
export { RunLog, type RunLogOptions } from './run-log.js';
export { bestOf, writeRunPage } from './run-page.js';
export type * from './types.js';
