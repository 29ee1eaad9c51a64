/** Models and weights on a disk: those that ship, others by their paths, and what is fetched from an address. */
export { ModelFileError } from './error.js';
export { type LocateOptions, locate } from './locate.js';
export { readModelSource } from './read-model.js';
export { type ShippedModel, shippedModelPath, shippedModels } from './shipped.js';
