/** The slope of HardSwish, x·max(0, min(1, x/6 + 1/2)), of a map in the layout `channels`. */
import type { Value } from '../../../onnx/index.js';
import { STEEP } from '../../relu-mask.js';
import type { KernelBuilder } from '../layout/builder.js';
import { constantVector, constantWeights } from './constants.js';
import { conv } from './operators.js';
import { unitWindow } from './window.js';

/** The bounds beyond which the slope is constant. */
const BOUND = 3;

/**
 * With k = min(max(x, −3), 3) it is k/3 + 1/2 within the bounds, and beyond them minus 1/2 of the sign of x − k: three
 * passes, each a one-tap depthwise convolution, instead of six with elementwise operators. As a power of two steepens k
 * and x alike, their difference is 0 within the bounds.
 */
export function hardSwishSlope({ g }: KernelBuilder, x: Value): Value {
  const channels = x.size(1);
  const scaled = (map: Value, factor: number, extras = {}) =>
    conv(g, map, constantWeights(g, channels, factor), unitWindow(), { ...extras, group: channels });
  const bound = BOUND * STEEP;
  const steep = scaled(x, STEEP, { activation: { op: 'Clip', params: [-bound, bound] } });
  const beyond = scaled(x, -STEEP, { sum: steep, activation: { op: 'Clip', params: [-1 / 2, 1 / 2] } });
  return scaled(steep, 1 / bound, { bias: constantVector(g, channels, 1 / 2), sum: beyond });
}
