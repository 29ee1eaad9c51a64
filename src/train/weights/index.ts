/** Initial weights from files. */
export { type Backbone, type BackboneOptions, loadBackbone } from './backbone.js';
export { joinRanges, listed, WeightsError } from './error.js';
export {
  type LoadedWeights,
  type LoadWeightsOptions,
  loadedFirst,
  loadWeights,
  type MatchedWeights,
  matchWeights,
  parameterShapes,
  type Shapes,
  wantedLayers,
} from './load.js';
export { openWeights } from './open.js';
export type { WeightFile } from './weight-file.js';
