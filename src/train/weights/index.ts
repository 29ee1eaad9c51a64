/** Initial weights from files. */
export { type Backbone, type BackboneOptions, loadBackbone } from './backbone.js';
export { WeightsError } from './error.js';
export {
  type LoadedWeights,
  type LoadWeightsOptions,
  loadedFirst,
  loadWeights,
  parameterShapes,
  type Shapes,
} from './load.js';
