/** The gradient of HardSwish, x·max(0, min(1, x/6 + 1/2)); like the operator itself, of single precision. */
import { hardSwishSlope } from '../hard-swish-slope.js';
import type { ReplacementRule } from '../replacement.js';

export const hardSwishGradient: ReplacementRule = (c) => [
  c.g.op('Mul', [c.input(0), hardSwishSlope(c.g, c.input(1))]),
];
