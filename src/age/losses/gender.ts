import type { GraphBuilder, Value } from '../../onnx/index.js';
import { binaryCrossEntropy } from './binary.js';

/**
 * Cross-entropy of gender: `[N]`, in nats. `logits` are two a sample, `[N, 2]`, in the order of the model's labels, or
 * one, `[N, 1]`, for the second label against the first. `second` `[N]` is the probability that the label is the
 * second: 0, 1, or between where sources disagree; any number where it is not known, with a weight of 0 in the mean.
 * @throws RangeError for another count of logits.
 */
export function genderCrossEntropy(g: GraphBuilder, logits: Value, second: Value): Value {
  const count = logits.shape?.[1];
  if (count !== 1 && count !== 2) throw new RangeError(`Gender takes 1 or 2 logits, found ${count}`);
  const column = (i: number) => g.op('Gather', [logits, g.scalar(i, 'int64')], { axis: 1 });
  const difference = count === 1 ? column(0) : g.op('Sub', [column(1), column(0)]);
  return binaryCrossEntropy(g, difference, second);
}
