/** Operators that reduce axes, search along one, or accumulate along one. */
import type { Dim, Shape } from '../graph.js';
import { formatShape, type Known, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { unknownDims } from './dims.js';

/** Axes are given by an attribute or, since opset 13 (sums) or 18 (the others), in input 1. */
function reducedShape(c: ShapeContext): { shape: Shape | undefined; all: boolean } {
  const x = c.shape(0);
  const keep = c.int('keepdims', 1) === 1;
  const dynamic = c.has(1) && c.numbers(1) === undefined;
  if (x === undefined) return { shape: undefined, all: false };
  if (dynamic) {
    const count = c.shape(1)?.[0];
    if (keep) return { shape: unknownDims(x.length), all: false };
    return {
      shape: typeof count === 'number' && count > 0 ? unknownDims(x.length - count) : undefined,
      all: false,
    };
  }
  const axes = c.ints('axes') ?? c.numbers(1) ?? [];
  if (axes.length === 0 && c.int('noop_with_empty_axes', 0) === 1) return { shape: x, all: false };
  const reduced = new Set(axes.map((a) => c.axis(a, x.length)));
  const all = reduced.size === 0 || reduced.size === x.length;
  const hit = (i: number) => reduced.size === 0 || reduced.has(i);
  return {
    shape: keep ? x.map((d, i) => (hit(i) ? 1 : d)) : x.filter((_, i) => !hit(i)),
    all,
  };
}

const reduce =
  (f?: (values: readonly number[]) => number): Rule =>
  (c) => {
    const { shape, all } = reducedShape(c);
    const values = c.numbers(0);
    return one({ dtype: c.dtype(0), shape }, f && all && values ? [f(values)] : undefined);
  };

const argExtreme: Rule = (c) => {
  const x = c.shape(0);
  if (x === undefined) return one({ dtype: 'int64', shape: undefined });
  const axis = c.axis(c.int('axis', 0), x.length);
  const keep = c.int('keepdims', 1) === 1;
  return one({ dtype: 'int64', shape: keep ? x.with(axis, 1) : x.filter((_, i) => i !== axis) });
};

/** Outputs: values and indices. `k` is an attribute before opset 10. */
const topK: Rule = (c): readonly Known[] => {
  const x = c.shape(0);
  const axis = x && c.axis(c.int('axis', -1), x.length);
  const k: Dim = c.opset < 10 ? c.int('k', 0) : (c.elements(1)?.[0] ?? null);
  const size = x?.[axis!];
  if (typeof k === 'number' && typeof size === 'number' && k > size) {
    c.fail(`the ${k} largest are asked of axis ${axis} of ${formatShape(x)}`);
  }
  const shape = x?.with(axis!, k);
  return [
    { dtype: c.dtype(0), shape },
    { dtype: 'int64', shape },
  ];
};

const like: Rule = (c) => one({ dtype: c.dtype(0), shape: c.shape(0) });

export const reduction: Rules = {
  ReduceSum: reduce((v) => v.reduce((a, b) => a + b, 0)),
  ReduceProd: reduce((v) => v.reduce((a, b) => a * b, 1)),
  ReduceMax: reduce((v) => Math.max(...v)),
  ReduceMin: reduce((v) => Math.min(...v)),
  ReduceMean: reduce(),
  ReduceL1: reduce(),
  ReduceL2: reduce(),
  ReduceLogSum: reduce(),
  ReduceLogSumExp: reduce(),
  ReduceSumSquare: reduce(),
  ArgMax: argExtreme,
  ArgMin: argExtreme,
  TopK: topK,
  CumSum: like,
};
