/** Evaluation of models: all figures of what they said of labelled faces, as plain data. */
export * from './document.js';
export { type EvaluateRowsOptions, evaluateRows } from './evaluate-rows.js';
