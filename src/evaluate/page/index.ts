/** An evaluation as a page. */
export { type EvaluationPageOptions, evaluationPage } from './page.js';
