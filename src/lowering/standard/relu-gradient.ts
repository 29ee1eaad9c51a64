/** The gradient of Relu. */
import { scalar } from './arithmetic.js';
import type { Expand } from './fragment.js';

/** Steep enough that any y that is not tiny gives 1. */
const STEEP = 1e30;

/**
 * dy times a mask of y > 0. A steep HardSigmoid makes the mask in half the time of a comparison and a cast, but
 * exists for single precision alone.
 */
export const reluGradient: Expand = (e) => {
  const { g } = e;
  const [dy, y] = [e.input(0), e.input(1)];
  const mask =
    y.dtype === 'float32'
      ? g.op('HardSigmoid', [y], { alpha: STEEP, beta: 0 })
      : g.op('Cast', [g.op('Greater', [y, scalar(g, 0, y)])], { to: y.dtype });
  return [g.op('Mul', [dy, mask])];
};
