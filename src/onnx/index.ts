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
export { type ReadOptions, readModel, writeModel, writeModelApart } from './codec/index.js';
export { DisjointSets } from './disjoint-sets.js';
export { GraphError, OnnxFormatError, ShapeError } from './errors.js';
export { checkExecutions } from './executions.js';
export * from './gradient-operators.js';
export * from './graph.js';
export { withMetadata } from './metadata.js';
export { multiplyAddsOf } from './multiply-adds.js';
export { everyName, Names } from './names.js';
export { node } from './node.js';
export { formatShape, type Known, NodeContext, numbersOf } from './node-context.js';
export type { AttributesOf, OperatorName } from './operators.js';
export { GRADIENT_DOMAIN, importedOpsets, isOp, nodeLabel, operatorName, opsetOf } from './opsets.js';
export { inferKnown, inferTypes, type Rule, registerShapeRule, type ShapeContext } from './shapes/index.js';
export * from './surgery/index.js';
export * from './tensor.js';
export { definedNames, producers, readNames, subgraphs, useCounts } from './traverse.js';
export {
  distributePadding,
  endPadding,
  type SlidingWindow,
  slidingWindow,
  windowExtent,
} from './windows.js';
