/** The gradient rules, by domain and operator. */
import { type Node, operatorName } from '../onnx/index.js';
import type { GradientRule, GradientRules } from './context.js';
import { activations } from './rules/activations.js';
import { arithmetic } from './rules/arithmetic.js';
import { convolution } from './rules/convolution.js';
import { dropout } from './rules/dropout.js';
import { extremes } from './rules/extremes.js';
import { gather } from './rules/gather.js';
import { joining } from './rules/joining.js';
import { layout } from './rules/layout.js';
import { lrn } from './rules/lrn.js';
import { lstm } from './rules/lstm.js';
import { matmul } from './rules/matmul.js';
import { normalization } from './rules/normalization.js';
import { padding } from './rules/padding.js';
import { pooling } from './rules/pooling.js';
import { reduction } from './rules/reduction.js';
import { resize } from './rules/resize.js';
import { selection } from './rules/selection.js';
import { slicing } from './rules/slicing.js';
import { softmax } from './rules/softmax.js';
import { unary } from './rules/unary.js';

/** By the operator's full name. */
const rules = new Map<string, GradientRule>();

/**
 * Registers the gradient of an operator for all graphs. `op` belongs to ONNX's own set unless `domain` is given.
 * @throws RangeError if the operator has a rule already.
 */
export function registerGradient(op: string, rule: GradientRule, domain = ''): void {
  const name = operatorName({ domain, op });
  if (rules.has(name)) throw new RangeError(`Operator ${name} has a gradient rule already`);
  rules.set(name, rule);
}

export const gradientRule = (node: Node): GradientRule | undefined => rules.get(operatorName(node));

const onnx: readonly GradientRules[] = [
  activations,
  arithmetic,
  convolution,
  dropout,
  extremes,
  gather,
  joining,
  layout,
  lrn,
  lstm,
  matmul,
  normalization,
  padding,
  pooling,
  reduction,
  resize,
  selection,
  slicing,
  softmax,
  unary,
];
for (const family of onnx) for (const [op, rule] of Object.entries(family)) registerGradient(op, rule);
