/** Shape and type inference. */
export { type Rule, ShapeContext } from './context.js';
export { broadcast, product, same } from './dims.js';
export { type BodyOf, inferKnown, inferTypes, type Visit } from './infer.js';
export { inferNode, registerShapeRule } from './registry.js';
