/** The gradient of HardSwish, x·max(0, min(1, x/6 + 1/2)); like the operator itself, of single precision. */
import { hardSwishSlope } from '../hard-swish-slope.js';
import type { Expand } from './fragment.js';

export const hardSwishGradient: Expand = (e) => [
  e.g.op('Mul', [e.input(0), hardSwishSlope(e.g, e.input(1))]),
];
