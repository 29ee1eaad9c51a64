import type { GraphBuilder, Value } from '../../onnx/index.js';

/**
 * The exponential moving average of values over the steps (Polyak and Juditsky 1992, in the form of Tarvainen and
 * Valpola, NeurIPS 2017): a ← a + (1 − d)(x − a). Early on d is (1 + t)/(10 + t), if that is less than `decay`, so that
 * the initial values are soon forgotten (tf.train.ExponentialMovingAverage with num_updates).
 */
export function movingAverage(
  g: GraphBuilder,
  decay: number,
  step: Value,
): (average: Value, value: Value) => Value {
  // 1 − (1 + t)/(10 + t) without the cancellation of the difference.
  const early = g.op('Div', [g.scalar(9), g.op('Add', [step, g.scalar(10)])]);
  const share = g.op('Max', [early, g.scalar(1 - decay)]);
  return (average, value) => g.op('Add', [average, g.op('Mul', [g.op('Sub', [value, average]), share])]);
}
