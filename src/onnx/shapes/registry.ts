/** The rules of shape inference, by domain and operator. */
import { GraphError } from '../errors.js';
import type { Node } from '../graph.js';
import { GRADIENT_DOMAIN, operatorName } from '../opsets.js';
import { type InferSubgraph, type Known, type Rule, type Rules, ShapeContext } from './context.js';
import { control } from './control.js';
import { convolution, fusedConvolution } from './convolution.js';
import { creation } from './creation.js';
import { detection } from './detection.js';
import { contraction } from './einsum.js';
import { elementwise } from './elementwise.js';
import { gradients } from './gradients.js';
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

/** By full operator name. */
const rules = new Map<string, Rule>();

/**
 * Registers the shape rule of an operator of another domain, for all builders and models.
 * @throws RangeError if the operator already has a rule.
 */
export function registerShapeRule(domain: string, op: string, rule: Rule): void {
  const name = operatorName({ domain, op });
  if (rules.has(name)) throw new RangeError(`Operator ${name} has a shape rule already`);
  rules.set(name, rule);
}

const domains: Readonly<Record<string, Rules>> = {
  '': onnx,
  'com.microsoft': { ...fusedConvolution, ...fusedMatMul },
  [GRADIENT_DOMAIN]: gradients,
};
for (const [domain, own] of Object.entries(domains)) {
  for (const [op, rule] of Object.entries(own)) registerShapeRule(domain, op, rule);
}

/**
 * What is known about a node's outputs, one entry each; undefined entries if the operator has no rule. `opset` is the
 * imported version of the node's domain.
 * @throws ShapeError if the inputs contradict the operator.
 */
export function inferNode(
  node: Node,
  opset: number,
  inputs: readonly (Known | undefined)[],
  subgraph?: InferSubgraph,
): readonly (Known | undefined)[] {
  const rule = rules.get(operatorName(node));
  const context = new ShapeContext(node, opset, inputs, subgraph);
  let found: ReturnType<Rule> = [];
  try {
    if (rule) found = rule(context);
  } catch (error) {
    // A missing input or attribute that the operator requires.
    if (error instanceof GraphError) throw error;
    context.fail(`its inputs and attributes do not fit together: ${(error as Error).message}`);
  }
  return node.outputs.map((_, i) => found[i]);
}
