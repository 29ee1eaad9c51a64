/** The slope of HardSwish, x·max(0, min(1, x/6 + 1/2)), of a map in the layout `channels`. */
import type { Value } from '../../../onnx/index.js';
import { STEEP } from '../../relu-mask.js';
import type { KernelBuilder } from '../layout/builder.js';
import { constantWeights } from './constants.js';
import { conv, type Epilogue } from './operators.js';
import { unitWindow } from './window.js';

/** The bounds beyond which the slope is constant. */
const BOUND = 3;

/**
 * With k = min(max(x, −3), 3) it is k/3 + 1/2 within the bounds, and beyond them minus 1/2 of the sign of x − k: three
 * passes, each a one-tap depthwise convolution, instead of six with elementwise operators. x and the step are each read
 * last as the sum of a convolution, which then writes over them; otherwise ONNX Runtime would first copy them, on one
 * thread.
 */
export function hardSwishSlope({ g }: KernelBuilder, x: Value): Value {
  const channels = x.size(1);
  const weighted = (map: Value, factor: number, extras: Epilogue) =>
    conv(g, map, constantWeights(g, channels, factor), unitWindow(), { ...extras, group: channels });
  const within = weighted(x, 1, { activation: { op: 'Clip', params: [-BOUND, BOUND] } });
  // 1 below the bounds, 1/2 within them, 0 above.
  const step = weighted(within, -1, { sum: x, activation: { op: 'HardSigmoid', params: [-STEEP, 1 / 2] } });
  return weighted(within, 1 / BOUND, { sum: step });
}
