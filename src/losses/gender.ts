import { float32, type GraphBuilder, type Value } from '../onnx/index.js';
import { binaryCrossEntropy } from './binary.js';

/**
 * Cross-entropy of gender: `[N]`, in nats. `logits` are two per sample, `[N, 2]`, in the order of the model's labels,
 * or one, `[N, 1]`, for the second label. `second` `[N]` is the probability that the label is the second: 0, 1, or in
 * between if sources disagree; any number if it is unknown, with a weight of 0 in the mean.
 * @throws RangeError for another count of logits.
 */
export function genderCrossEntropy(g: GraphBuilder, logits: Value, second: Value): Value {
  const count = logits.shape?.[1];
  if (count !== 1 && count !== 2) throw new RangeError(`Gender takes 1 or 2 logits, found ${count}`);
  const column = count === 1 ? logits : g.op('MatMul', [logits, g.constant(float32('', [2, 1], [-1, 1]))]);
  const difference = g.op('Squeeze', [column, g.ints([1])]);
  return binaryCrossEntropy(g, difference, second);
}
