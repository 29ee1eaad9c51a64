import type { GraphBuilder, Value } from '../onnx/index.js';

/** One term of a network's loss. */
export interface LossTerm {
  /** The loss of each sample, `[N]`. */
  readonly losses: Value;
  /**
   * The weight of each sample, `[N]`, nonnegative: 0 if it lacks the label, else 1 or a balancing weight. If left out,
   * all samples count the same.
   */
  readonly weights?: Value;
  /** The term's share in the sum. */
  readonly factor: number;
}

/** The mean over samples, weighted: Σ w·l / Σ w, a scalar. It is 0, and so is its gradient, if no sample counts. */
export function weightedMean(g: GraphBuilder, losses: Value, weights?: Value): Value {
  if (weights === undefined) return g.op('ReduceMean', [losses], { keepdims: 0 });
  const zero = g.scalar(0);
  const sum = (x: Value) => g.op('ReduceSum', [x], { keepdims: 0 });
  const counted = g.op('Where', [g.op('Greater', [weights, zero]), g.op('Mul', [losses, weights]), zero]);
  const total = sum(weights);
  return g.op('Div', [sum(counted), g.op('Where', [g.op('Greater', [total, zero]), total, g.scalar(1)])]);
}

/**
 * The weighted sum of several losses, Σ factor · mean, and each mean by its name: scalars.
 * @throws RangeError if there is no term.
 */
export function totalLoss<K extends string>(
  g: GraphBuilder,
  terms: Readonly<Record<K, LossTerm>>,
): { readonly total: Value; readonly parts: Readonly<Record<K, Value>> } {
  const names = Object.keys(terms) as K[];
  if (names.length === 0) throw new RangeError('A network is trained by one loss or more, found none');
  const parts = {} as Record<K, Value>;
  const weighted = names.map((name) =>
    g.scope(name, () => {
      const { losses, weights, factor } = terms[name];
      parts[name] = weightedMean(g, losses, weights);
      return g.op('Mul', [parts[name], g.scalar(factor)]);
    }),
  );
  return { total: weighted.reduce((a, b) => g.op('Add', [a, b])), parts };
}
