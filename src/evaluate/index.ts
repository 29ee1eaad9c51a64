/** Evaluation of models on labelled faces: figures with intervals as plain data, reports and model cards. */
export * from './card/index.js';
export type { CardMetadata } from './card-metadata.js';
export * from './compare.js';
export * from './compare-page.js';
export * from './document.js';
export { EvaluationError } from './error.js';
export { evaluatePredictions } from './evaluate-predictions.js';
export { type EvaluateRowsOptions, evaluateRows } from './evaluate-rows.js';
export * from './figure-text.js';
export { Journal, type JournalOptions } from './journal.js';
export { type EvaluationPageOptions, evaluationPage } from './page/index.js';
export { type FaceApi, loadFaceApi } from './peers/face-api.js';
export { type Human, loadHuman } from './peers/human.js';
export { PEERS, type Peer, peerTable } from './peers/index.js';
export {
  datasetPictures,
  type LabelledPicture,
  type LabelledPictures,
  type PicturesOrigin,
  type StorePictures,
  type StoreSelection,
  storePictures,
} from './pictures.js';
export { type PredictOptions, predictFaces } from './predict.js';
export * from './predictions.js';
export { readPredictions, writePredictionBatches, writePredictions } from './predictions-file.js';
export type { AgesUnderChanges, FaceUnderChanges } from './robustness/index.js';
export {
  agesUnderChanges,
  CHANGE_KINDS,
  chooseFaces,
  hasKnownAge,
  predictUnderChanges,
} from './robustness/index.js';
export { howSeen, type Seen, seenNotes } from './seen.js';
