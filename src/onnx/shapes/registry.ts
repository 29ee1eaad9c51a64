/** The rules of shape inference, by domain and operator. */
import type { Node } from '../graph.js';
import { type InferSubgraph, type Known, type Rule, type Rules, ShapeContext } from './context.js';
import { control } from './control.js';
import { convolution, fusedConvolution } from './convolution.js';
import { creation } from './creation.js';
import { detection } from './detection.js';
import { contraction } from './einsum.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import { layout } from './layout.js';
import { fusedMatMul, matmul } from './matmul.js';
import { normalization } from './normalization.js';
import { quantization } from './quantization.js';
import { recurrence } from './recurrent.js';
import { reduction } from './reduction.js';
import { resampling } from './resize.js';

const onnx: Rules = {
  ...elementwise,
  ...convolution,
  ...matmul,
  ...normalization,
  ...reduction,
  ...layout,
  ...indexing,
  ...creation,
  ...resampling,
  ...recurrence,
  ...quantization,
  ...detection,
  ...contraction,
  ...control,
};

const key = (domain: string, op: string): string => `${domain === 'ai.onnx' ? '' : domain}:${op}`;

const rules = new Map<string, Rule>(Object.entries(onnx).map(([op, rule]) => [key('', op), rule]));

/**
 * Teaches shape inference an operator of another domain, for every builder and model from then on.
 * @throws RangeError where the operator has a rule already.
 */
export function registerShapeRule(domain: string, op: string, rule: Rule): void {
  if (rules.has(key(domain, op)))
    throw new RangeError(`Operator ${key(domain, op)} has a shape rule already`);
  rules.set(key(domain, op), rule);
}

for (const [op, rule] of Object.entries({ ...fusedConvolution, ...fusedMatMul })) {
  registerShapeRule('com.microsoft', op, rule);
}

export const hasShapeRule = (domain: string, op: string): boolean => rules.has(key(domain, op));

/**
 * What is known of a node's outputs, one entry each; undefined entries where no rule knows the operator.
 * `opset` is the version that the model imports the node's domain with.
 * @throws ShapeError where the inputs contradict the operator.
 */
export function inferNode(
  node: Node,
  opset: number,
  inputs: readonly (Known | undefined)[],
  subgraph?: InferSubgraph,
): readonly (Known | undefined)[] {
  const rule = rules.get(key(node.domain, node.op));
  const found = rule?.(new ShapeContext(node, opset, inputs, subgraph)) ?? [];
  return node.outputs.map((_, i) => found[i]);
}
