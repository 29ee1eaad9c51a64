import type { GraphBuilder, Node } from '../../onnx/index.js';
import type { Expand } from '../standard/index.js';

/** What an operator is to be replaced by, if it is, given a builder that knows the types and constants of its graph. */
export type Replace = (node: Node, known: GraphBuilder) => Expand | undefined;
