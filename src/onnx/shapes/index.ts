/** Shape and type inference. */
export { formatShape, type Known, NodeContext, type Rule, ShapeError } from './context.js';
export { broadcast, product, same } from './dims.js';
export { inferKnown, inferTypes } from './infer.js';
export { hasShapeRule, inferNode, registerShapeRule } from './registry.js';
