/**
 * LSTM (Hochreiter and Schmidhuber 1997; with the peepholes of Gers, Schraudolph and Schmidhuber 2002), differentiated
 * through time (Werbos 1990). Inputs: X `[T, N, I]`, W `[D, 4H, I]`, R `[D, 4H, H]`, B `[D, 8H]`, lengths, initial h
 * and c `[D, N, H]`, P `[D, 3H]`; outputs: Y `[T, D, N, H]`, the last h and c `[D, N, H]`. Gates are in the order i, o,
 * f, c, peepholes in the order i, o, f.
 *
 * Since the operator outputs all states, the pre-activations of the gates, the factors of the gradients and the
 * gradients of weights are computed for all steps at once. Only the rest is computed step by step: the cells, and, with
 * G for the gradients of the pre-activations,
 *
 *     dh = dY[t] + G[t+1]·R,  dc = dh ⊙ K[t] + dc[t+1] ⊙ F[t+1],  G[t] = (dc, dh, dc, dc) ⊙ A[t].
 */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { sizeOf, sumOver, zerosLike } from '../shaping.js';

const slice = (g: GraphBuilder, x: Value, axis: number, start: number, end: number): Value =>
  g.op('Slice', [x, g.ints([start]), g.ints([end]), g.ints([axis])]);

/** Parts of equal size. */
const parts = (g: GraphBuilder, x: Value, axis: number, count: number): Value[] =>
  count === 1
    ? [x]
    : g.ops('Split', count, [x, g.ints(Array<number>(count).fill(x.size(axis) / count))], { axis });

const concat = (g: GraphBuilder, values: readonly Value[], axis: number): Value =>
  values.length === 1 ? values[0]! : g.op('Concat', values, { axis });

/** The sum of the defined terms. */
const sum = (g: GraphBuilder, ...terms: readonly (Value | undefined)[]): Value | undefined =>
  terms.reduce((a, b) => (a && b ? g.op('Add', [a, b]) : (a ?? b)), undefined);

const times = (g: GraphBuilder, ...factors: readonly Value[]): Value =>
  factors.reduce((a, b) => g.op('Mul', [a, b]));

/** 1 − y. */
const complement = (g: GraphBuilder, y: Value): Value => g.op('Sub', [g.scalar(1, y), y]);

/** One direction's part of the operator's inputs, outputs and gradients; time is the first axis. */
interface Direction {
  readonly g: GraphBuilder;
  readonly steps: number;
  /** Shifts by one step: the value before each step, given the one before the first. */
  readonly shifted: (all: Value, first: Value) => Value;
  /** Steps in order of execution. */
  readonly order: readonly number[];
  readonly x: Value;
  /** `[4H, I]` and `[4H, H]`. */
  readonly w: Value;
  readonly r: Value;
  /** `[8H]`. */
  readonly bias: Value | undefined;
  /** Of i, o, f; `[H]` each. */
  readonly peepholes: readonly Value[] | undefined;
  /** `[1, N, H]`. */
  readonly h0: Value;
  readonly c0: Value;
  /** `[T, N, H]`. */
  readonly states: Value;
  /** Gradients of the states, and of the last h and c, `[1, N, H]`. */
  readonly dStates: Value | undefined;
  readonly dLast: readonly [h: Value | undefined, c: Value | undefined];
}

/** Values of all steps, `[T, N, H]` each. */
interface Gates {
  readonly input: Value;
  readonly output: Value;
  readonly forget: Value;
  readonly candidate: Value;
  /** The cells after and before each step. */
  readonly cell: Value;
  readonly previous: Value;
}

const transposed = (g: GraphBuilder, w: Value): Value => g.op('Transpose', [w], { perm: [1, 0] });

/** All gates and cells, by the operator's own formulas. */
function gatesOf(d: Direction, statesBefore: Value): Gates {
  const { g, peepholes } = d;
  const product = g.op('Add', [
    g.op('MatMul', [d.x, transposed(g, d.w)]),
    g.op('MatMul', [statesBefore, transposed(g, d.r)]),
  ]);
  const offset = d.bias && g.op('Add', parts(g, d.bias, 0, 2));
  const [i, o, f, c] = parts(g, sum(g, product, offset)!, 2, 4) as [Value, Value, Value, Value];
  const gate = (sums: Value, k: number, cell: Value) =>
    g.op('Sigmoid', [peepholes ? g.op('Add', [sums, times(g, cell, peepholes[k]!)]) : sums]);
  const candidate = g.op('Tanh', [c]);

  // Without peepholes the gates of all steps are known here; with them, a step's gates need the previous cell.
  const at = (sums: Value, k: number): ((t: number, cell: Value) => Value) => {
    const known = parts(g, peepholes ? sums : g.op('Sigmoid', [sums]), 0, d.steps);
    return (t, cell) => (peepholes ? gate(known[t]!, k, cell) : known[t]!);
  };
  const [inputAt, forgetAt, candidates] = [at(i, 0), at(f, 2), parts(g, candidate, 0, d.steps)];
  const cells: Value[] = [];
  let last = d.c0;
  for (const t of d.order) {
    const kept = times(g, forgetAt(t, last), last);
    last = g.op('Add', [kept, times(g, inputAt(t, last), candidates[t]!)]);
    cells[t] = last;
  }
  const cell = concat(g, cells, 0);
  const previous = d.shifted(cell, d.c0);
  return {
    input: gate(i, 0, previous),
    output: gate(o, 1, cell),
    forget: gate(f, 2, previous),
    candidate,
    cell,
    previous,
  };
}

/** The gradients of the gates' pre-activations, `[T, N, 4H]`, and of the initial states, `[1, N, H]`. */
function throughTime(d: Direction, gates: Gates): { sums: Value; h0: Value; c0: Value } {
  const { g, steps } = d;
  const { input, output, forget, candidate, cell, previous } = gates;
  const squashed = g.op('Tanh', [cell]);
  const slope = (y: Value) => times(g, y, complement(g, y));
  const A = {
    input: times(g, candidate, slope(input)),
    output: times(g, squashed, slope(output)),
    forget: times(g, previous, slope(forget)),
    candidate: times(g, input, complement(g, times(g, candidate, candidate))),
  };
  const [pi, po, pf] = d.peepholes ?? [];
  const toCell = times(g, output, complement(g, times(g, squashed, squashed)));
  const K = parts(g, sum(g, toCell, po && times(g, A.output, po))!, 0, steps);
  const throughGates = [pi && times(g, A.input, pi), pf && times(g, A.forget, pf)];
  const F = parts(g, sum(g, forget, ...throughGates)!, 0, steps);
  const all = parts(g, concat(g, [A.input, A.output, A.forget, A.candidate], 2), 0, steps);
  const dStates = d.dStates && parts(g, d.dStates, 0, steps);

  let [dh, dc] = d.dLast;
  const sums: Value[] = [];
  for (const t of d.order.toReversed()) {
    const into = sum(g, dStates?.[t], dh) ?? zerosLike(g, d.h0);
    const through = sum(g, times(g, into, K[t]!), dc)!;
    sums[t] = times(g, concat(g, [through, into, through, through], 2), all[t]!);
    dh = g.op('MatMul', [sums[t]!, d.r]);
    dc = times(g, through, F[t]!);
  }
  return { sums: concat(g, sums, 0), h0: dh!, c0: dc! };
}

/** The gradients of a direction's inputs, by their places: of the sequence's `[T, N, I]`, of others `[1, …]`. */
function backwards(d: Direction, needs: (i: number) => boolean): ReadonlyMap<number, Value> {
  const { g } = d;
  const statesBefore = d.shifted(d.states, d.h0);
  const gates = gatesOf(d, statesBefore);
  const { sums, h0, c0 } = throughTime(d, gates);
  /** Steps and batch as rows. */
  const rows = (x: Value) => g.reshape(x, [-1, x.size(2)]);
  const product = (x: Value) => g.op('Gemm', [rows(sums), rows(x)], { transA: 1 });
  const total = (x: Value) => sumOver(g, x, [0, 1], false);
  const peepholes = () => {
    const [i, o, f] = parts(g, sums, 2, 4) as [Value, Value, Value, Value];
    const { previous, cell } = gates;
    const shares = [times(g, i, previous), times(g, o, cell), times(g, f, previous)];
    return concat(g, shares.map(total), 0);
  };
  const ofWeights: readonly (readonly [input: number, make: () => Value])[] = [
    [1, () => product(d.x)],
    [2, () => product(statesBefore)],
    [3, () => concat(g, [total(sums), total(sums)], 0)],
    [7, peepholes],
  ];
  const found = new Map<number, Value>([
    [5, h0],
    [6, c0],
  ]);
  if (needs(0)) found.set(0, g.op('MatMul', [sums, d.w]));
  for (const [i, make] of ofWeights) {
    if (needs(i)) found.set(i, g.op('Unsqueeze', [make(), g.ints([0])]));
  }
  return found;
}

function checkSupported(c: GradientContext): void {
  const { node } = c;
  if (c.has(4)) c.fail('sequences of different lengths are not supported');
  if (c.int('layout', 0) !== 0) c.fail('layout 1 is not supported');
  if (c.int('input_forget', 0) !== 0) c.fail('coupled input and forget gates are not supported');
  for (const name of ['activations', 'clip']) {
    if (node.attributes.has(name)) c.fail(`attribute '${name}' is not supported`);
  }
}

const rule: GradientRule = (c) => {
  checkSupported(c);
  const { g } = c;
  const x = c.input(0);
  const steps = x.shape?.[0];
  if (typeof steps !== 'number') return c.fail('the number of time steps must be known');
  const hidden = c.int('hidden_size', 0);
  const direction = c.string('direction', 'forward');
  const ways = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
  const states = c.given(0) ?? g.op('LSTM', c.inputs, { hidden_size: hidden, direction });

  const own = (value: Value | undefined, d: number, axis = 0) =>
    value && ways.length > 1 ? slice(g, value, axis, d, d + 1) : value;
  const ownRow = (value: Value | undefined, d: number, axis = 0) =>
    value && g.op('Squeeze', [own(value, d, axis)!, g.ints([axis])]);
  const start = (i: number, d: number) => {
    const zeros = () =>
      g.op('Expand', [
        g.scalar(0, x),
        g.op('Concat', [g.ints([1]), sizeOf(g, x, 1), g.ints([hidden])], { axis: 0 }),
      ]);
    return own(c.inputs[i], d) ?? zeros();
  };

  const found = ways.map((reverse, d) => {
    const steady = Array.from({ length: steps }, (_, t) => t);
    const peepholes = ownRow(c.inputs[7], d);
    const before = (all: Value, first: Value) => {
      if (steps === 1) return first;
      return reverse
        ? concat(g, [slice(g, all, 0, 1, steps), first], 0)
        : concat(g, [first, slice(g, all, 0, 0, steps - 1)], 0);
    };
    return backwards(
      {
        g,
        steps,
        shifted: before,
        order: reverse ? steady.toReversed() : steady,
        x,
        w: ownRow(c.input(1), d)!,
        r: ownRow(c.input(2), d)!,
        bias: ownRow(c.inputs[3], d),
        peepholes: peepholes && parts(g, peepholes, 0, 3),
        h0: start(5, d),
        c0: start(6, d),
        states: ownRow(states, d, 1)!,
        dStates: ownRow(c.gradients[0], d, 1),
        dLast: [own(c.gradients[1], d), own(c.gradients[2], d)],
      },
      (i) => c.needs(i),
    );
  });
  return c.inputs.map((_, i) => {
    const each = found.flatMap((gradients) => gradients.get(i) ?? []);
    if (each.length === 0) return undefined;
    return i === 0 ? sum(g, ...each) : concat(g, each, 0);
  });
};

export const lstm: GradientRules = { LSTM: rule };
