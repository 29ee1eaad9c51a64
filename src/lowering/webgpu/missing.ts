/** Operators that the provider has no kernel of. Left to the CPU, each would have its tensors copied there and back. */
import { type GraphBuilder, intAttribute, type NumericType, type Value } from '../../onnx/index.js';
import { scalar } from '../standard/arithmetic.js';
import type { Expand, Expansion } from '../standard/fragment.js';

/** From this version of ONNX's operators on every reduction takes its axes as an input. */
const AXES_AS_INPUT = 18;

const maxAlong = (g: GraphBuilder, x: Value, axis: number): Value =>
  g.opset < AXES_AS_INPUT
    ? g.op('ReduceMax', [x], { axes: [axis], keepdims: 1 })
    : g.op('ReduceMax', [x, g.ints([axis])], { keepdims: 1 });

/** x − max − log Σ exp(x − max), which no large x overflows. */
export const logSoftmax: Expand = (e) => {
  const { g } = e;
  const x = e.input(0);
  const axis = intAttribute(e.node, 'axis', -1);
  const below = g.op('Sub', [x, maxAlong(g, x, axis)]);
  const total = g.op('ReduceSum', [g.op('Exp', [below]), g.ints([axis])], { keepdims: 1 });
  return [g.op('Sub', [below, g.op('Log', [total])])];
};

const added = (e: Expansion): Value =>
  e.inputs.map((_, i) => e.input(i)).reduce((a, b) => e.g.op('Add', [a, b]));

/** A sum of one is that one. */
export const sum: Expand = (e) => [e.inputs.length === 1 ? e.g.op('Identity', [e.input(0)]) : added(e)];

export const mean: Expand = (e) => [e.g.op('Mul', [added(e), scalar(e.g, 1 / e.inputs.length, e.input(0))])];

/** (x > 0) − (x < 0) */
export const sign: Expand = (e) => {
  const { g } = e;
  const x = e.input(0);
  const mask = (comparison: 'Greater' | 'Less') =>
    g.op('Cast', [g.op(comparison, [x, scalar(g, 0, x)])], { to: x.dtype as NumericType });
  return [g.op('Sub', [mask('Greater'), mask('Less')])];
};
