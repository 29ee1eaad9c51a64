/**
 * LSTM (Hochreiter and Schmidhuber 1997) by its unrolled form: the operator does not give its inner states, so the
 * rule builds the recurrence from plain operators, step by step, and differentiates that. Inputs: X `[T, N, I]`,
 * W `[D, 4H, I]`, R `[D, 4H, H]`, B `[D, 8H]`, lengths, initial h and c `[D, N, H]`, P `[D, 3H]`; outputs: Y
 * `[T, D, N, H]`, the last h and c `[D, N, H]`. Gates stand in the order i, o, f, c.
 */
import { type GraphBuilder, intAttribute, stringAttribute, type Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { scalar, sizeOf } from '../shaping.js';

const slice = (g: GraphBuilder, x: Value, axis: number, start: number, end: number): Value =>
  g.op('Slice', [x, g.ints([start]), g.ints([end]), g.ints([axis])]);

/** One entry of an axis, which falls away. */
const entry = (g: GraphBuilder, x: Value, axis: number, i: number): Value =>
  g.op('Squeeze', [slice(g, x, axis, i, i + 1), g.ints([axis])]);

/** Parts of equal size. Other than slices', whose gradients are each as large as the whole, theirs are put together once. */
const parts = (g: GraphBuilder, x: Value, axis: number, count: number, size: number): Value[] =>
  g.ops('Split', count, [x, g.ints(Array<number>(count).fill(size))], { axis });

const unsqueeze = (g: GraphBuilder, x: Value, axis: number): Value => g.op('Unsqueeze', [x, g.ints([axis])]);

interface Direction {
  /** States by time step `[N, H]`, whichever way the direction runs. */
  readonly states: readonly Value[];
  readonly h: Value;
  readonly c: Value;
}

function unrollDirection(
  c: GradientContext,
  d: number,
  steps: number,
  hidden: number,
  reverse: boolean,
): Direction {
  const { g } = c;
  const x = c.input(0);
  const own = (i: number): Value | undefined => (c.has(i) ? entry(g, c.input(i), 0, d) : undefined);
  const start = (i: number): Value => {
    const zero = () =>
      g.op('Expand', [scalar(g, 0, x), g.op('Concat', [sizeOf(g, x, 1), g.ints([hidden])], { axis: 0 })]);
    return own(i) ?? zero();
  };
  const transposed = (w: Value) => g.op('Transpose', [w], { perm: [1, 0] });
  const [w, r] = [transposed(own(1)!), transposed(own(2)!)];
  const bias = own(3);
  const offset =
    bias && g.op('Add', [slice(g, bias, 0, 0, 4 * hidden), slice(g, bias, 0, 4 * hidden, 8 * hidden)]);
  const peepholes = own(7);
  const peep = (value: Value, k: number, cell: Value) =>
    peepholes
      ? g.op('Add', [value, g.op('Mul', [cell, slice(g, peepholes, 0, k * hidden, (k + 1) * hidden)])])
      : value;
  // The input's share of all gates at all steps is one product.
  const shares = offset ? g.op('Add', [g.op('MatMul', [x, w]), offset]) : g.op('MatMul', [x, w]);

  let h = start(5);
  let cell = start(6);
  const states: Value[] = [];
  const shareOf = parts(g, shares, 0, steps, 1);
  for (let k = 0; k < steps; k++) {
    const t = reverse ? steps - 1 - k : k;
    const share = g.op('Squeeze', [shareOf[t]!, g.ints([0])]);
    const gates = parts(g, g.op('Add', [share, g.op('MatMul', [h, r])]), 1, 4, hidden);
    const input = g.op('Sigmoid', [peep(gates[0]!, 0, cell)]);
    const forget = g.op('Sigmoid', [peep(gates[2]!, 2, cell)]);
    const candidate = g.op('Tanh', [gates[3]!]);
    cell = g.op('Add', [g.op('Mul', [forget, cell]), g.op('Mul', [input, candidate])]);
    const output = g.op('Sigmoid', [peep(gates[1]!, 1, cell)]);
    h = g.op('Mul', [output, g.op('Tanh', [cell])]);
    states[t] = h;
  }
  return { states, h, c: cell };
}

function checkSupported(c: GradientContext): void {
  const { node } = c;
  if (c.has(4)) c.fail('sequences of different lengths are not supported');
  if (intAttribute(node, 'layout', 0) !== 0) c.fail('layout 1 is not supported');
  if (intAttribute(node, 'input_forget', 0) !== 0) c.fail('coupled input and forget gates are not supported');
  for (const name of ['activations', 'clip']) {
    if (node.attributes.has(name)) c.fail(`attribute '${name}' is not supported`);
  }
}

const rule: GradientRule = (c) => {
  checkSupported(c);
  const { g } = c;
  const steps = c.input(0).shape?.[0];
  if (typeof steps !== 'number') return c.fail('the number of time steps is to be known');
  const hidden = intAttribute(c.node, 'hidden_size', 0);
  const way = stringAttribute(c.node, 'direction', 'forward');
  const reversed = way === 'bidirectional' ? [false, true] : [way === 'reverse'];
  const directions = reversed.map((reverse, d) => unrollDirection(c, d, steps, hidden, reverse));
  const stack = (values: readonly Value[], axis: number) =>
    g.op(
      'Concat',
      values.map((value) => unsqueeze(g, value, axis)),
      { axis },
    );
  const outputs = [
    () =>
      stack(
        directions.map(({ states }) => stack(states, 0)),
        1,
      ),
    () =>
      stack(
        directions.map(({ h }) => h),
        0,
      ),
    () =>
      stack(
        directions.map((direction) => direction.c),
        0,
      ),
  ];
  const seeds = c.gradients.flatMap((dy, i): [Value, Value][] => (dy ? [[outputs[i]!(), dy]] : []));
  const wrt = c.inputs.flatMap((value, i) => (value !== undefined && c.needs(i) ? [value] : []));
  const found = new Map(c.differentiate(seeds, wrt).map((gradient, i) => [wrt[i]!, gradient]));
  // A value that is given twice, as both initial states perhaps, has its whole gradient in the first place.
  return c.inputs.map((value, i) => (value && c.inputs.indexOf(value) === i ? found.get(value) : undefined));
};

export const lstm: GradientRules = { LSTM: rule };
