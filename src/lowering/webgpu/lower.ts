/** The lowering for WebGPU: standard operators, without those that its provider lacks or refuses. */
import type { Model, Node } from '../../onnx/index.js';
import { type Expand, lowerToStandard, replaceNodes } from '../standard/index.js';
import { logSoftmax, mean, sign, sum } from './operators.js';

/** Operators that the provider has no kernel of; left to the CPU, each would copy its tensors there and back. */
const expansions: Readonly<Record<string, Expand>> = {
  LogSoftmax: logSoftmax,
  Mean: mean,
  Sign: sign,
  Sum: sum,
};

/**
 * The model with every operator of the domain `agewise`, batch norm in training, and what else the provider of
 * ONNX Runtime 1.30 lacks of a usual training step, as operators that it has. What remains for the CPU, which runs
 * what a provider lacks, is arithmetic on shapes and in double precision, such as Adam's corrections: a few scalars.
 * @throws LoweringError as `lowerToStandard`.
 */
export function lowerToWebGpu(model: Model): Model {
  const standard = lowerToStandard(model, { batchNorm: 'primitives' });
  const expansionOf = (node: Node) => (node.domain === '' ? expansions[node.op] : undefined);
  return { ...standard, graph: replaceNodes(standard, expansionOf) };
}
