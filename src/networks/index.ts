/** Networks: architectures as functions over the graph's builder, their registry, heads and initial weights. */
export { type CountOptions, describeNetwork, multiplyAdds, type NetworkCount } from './count.js';
export { NetworkError } from './error.js';
export {
  branchShares,
  classificationHead,
  HeadError,
  type HeadOptions,
  ordinalHead,
  regressionHead,
  sharesOf,
} from './heads.js';
export { plainInput } from './inputs.js';
export {
  type ConvOptions,
  type DenseOptions,
  Layers,
  type NormOptions,
  type Padding,
  type Pair,
} from './layers.js';
export { NETWORKS, networkOf } from './registry.js';
export type { Branch, HeadInitial, KerasLayout, Network, NetworkEnd, PublishedCount } from './types.js';
export { type Initial, randomWeights, type WeightSource, zeroWeights } from './weights.js';
export { type WideResNetShape, wideResNet, wideResNetMaps } from './wide-resnet.js';
