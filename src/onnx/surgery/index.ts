/** Graph surgery: pure functions from model to model. */
export { alignChannels } from './align-channels.js';
export { append } from './append.js';
export { dynamicBatch, fixedBatch } from './batch.js';
export { type Cut, cut } from './cut.js';
export { toFloat16 } from './float16.js';
export { foldBatchNorm } from './fold-batch-norm.js';
export { toInt8Weights } from './int8-weights.js';
export { keepZeroPadding } from './keep-zero-padding.js';
export { plainConstants } from './plain-constants.js';
export { activationsToCalibrate, type ObservedRange, quantize, type ValueRange } from './quantize/index.js';
export { raiseOpset } from './raise-opset.js';
export { removeUnused } from './remove-unused.js';
export { rename } from './rename.js';
export { type TrainingForm, trainingForm } from './training-form.js';
export { refreshTypes } from './types.js';
