import { INTERVAL_SUM } from '../age/index.js';
import type { GraphBuilder, Value } from '../onnx/index.js';
import { logSumExp, sumOfRows } from './rows.js';

/** Replaces log 0, since an infinity would turn into NaN. */
const LOG_OF_ZERO = -1e30;

/**
 * Softmax cross-entropy of logits `[N, K]` against class weights w `[N, K]` (see targets.ts): `[N]`, in nats.
 *
 * For a distribution it is −Σ w_k log p_k: for one-hot weights the loss of DEX (Rothe et al., IJCV 2018), for a
 * Gaussian that of label distribution learning (Gao et al., IEEE TIP 2017) up to the entropy of the label. For an
 * interval it is −log Σ w_k p_k, the negative log-likelihood of an age inside it. Both are finite for finite logits,
 * and 0 for rows without a label.
 */
export function crossEntropy(g: GraphBuilder, logits: Value, weights: Value): Value {
  const logs = g.op('LogSoftmax', [logits], { axis: 1 });
  const labelled = g.op('Greater', [sumOfRows(g, weights), g.scalar(0)]);
  const expected = sumOfRows(g, g.op('Mul', [weights, logs]));
  const inside = logInside(g, logs, weights);
  const likelihood = g.op('Where', [isInterval(g, weights), inside, expected]);
  return g.op('Neg', [g.op('Where', [labelled, likelihood, g.scalar(0)])]);
}

/** Which rows of class weights are intervals over several classes: `[N]`, bool. */
export const isInterval = (g: GraphBuilder, weights: Value): Value =>
  g.op('Greater', [sumOfRows(g, weights), g.scalar(INTERVAL_SUM)]);

/** log Σ w p from the logarithms of p. */
function logInside(g: GraphBuilder, logs: Value, weights: Value): Value {
  const counts = g.op('Greater', [weights, g.scalar(0)]);
  const logWeights = g.op('Log', [g.op('Where', [counts, weights, g.scalar(1)])]);
  return logSumExp(g, g.op('Where', [counts, g.op('Add', [logs, logWeights]), g.scalar(LOG_OF_ZERO)]));
}
