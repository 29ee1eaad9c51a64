/** Models and weights in Node: shipped ones, files, and downloads. */
export { ModelFileError } from './error.js';
export { type LocateOptions, locate } from './locate.js';
export { optimizedFile } from './optimized.js';
export { readModelSource } from './read-model.js';
export { type ShippedModel, shippedModelPath, shippedModels } from './shipped.js';
export { addToTriton, type TritonVersion } from './triton.js';
