/** Models and weights in Node: shipped ones, files, and downloads. */
export { ModelFileError } from './error.js';
export { type LocateOptions, locate } from './locate.js';
export { knownModel, type OptimizedFile, optimizedFile, rememberModel } from './optimized.js';
export { readModelSource } from './read-model.js';
export { type ShippedModel, shippedModels } from './shipped.js';
export { shippedModelPath } from './shipped-path.js';
export { addToTriton, type TritonVersion } from './triton.js';
