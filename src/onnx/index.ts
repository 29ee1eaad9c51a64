/** The graph: types, bytes, constants, building, inference and surgery. */
export * from './attributes.js';
export {
  type BuilderOptions,
  type CustomOptions,
  GraphBuilder,
  type Inputs,
  Value,
  type Values,
} from './builder.js';
export { OnnxFormatError, type ReadOptions, readModel, writeModel } from './codec.js';
export * from './graph.js';
export { withMetadata } from './metadata.js';
export { node } from './node.js';
export type { AttributesOf, OperatorName } from './operators.js';
export {
  formatShape,
  inferTypes,
  type Known,
  type NodeContext,
  type Rule,
  registerShapeRule,
  ShapeError,
} from './shapes/index.js';
export * from './surgery/index.js';
export * from './tensor.js';
export { producers, readNames, subgraphs, useCounts } from './traverse.js';
