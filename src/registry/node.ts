/** Models on a disk: those that ship, and others by their paths. */
export { ModelFileError, readModelSource } from './read-model.js';
export { type ShippedModel, shippedModelPath, shippedModels } from './shipped.js';
