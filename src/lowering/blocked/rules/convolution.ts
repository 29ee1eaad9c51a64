/** Convolutions, with what follows them made part of their kernel. */
import { denseConv } from '../kernels/dense.js';
import { type ConvExtras, conv } from '../kernels/operators.js';
import type { Rule } from '../node.js';
import { convolutionOf } from './geometry.js';
import { filledVector } from './vectors.js';

export const convolution: Rule = (c) => {
  const { g } = c;
  const [x, w, bias] = [c.input(0), c.input(1), c.inputs[2]];
  const [sizes, weights] = [x.sizes4, w.sizes4];
  if (x.dtype !== 'float32' || sizes === undefined || weights === undefined) return false;
  const found = convolutionOf(c, weights, [sizes[2], sizes[3]]);
  if (found === undefined) return false;
  const { layout, window, group, outputs } = found;
  const own = bias && (() => filledVector(c, bias, outputs));
  const apply = (extras: ConvExtras) => {
    const source = x.in(layout === 'thin' ? 'plain' : 'channels');
    return layout === 'dense'
      ? denseConv(c, source, w.in(layout), window, extras)
      : conv(g, source, w.in(layout), window, { ...extras, group });
  };
  c.output().defer({
    finish: (epilogue) => apply({ bias: own?.(), ...epilogue }),
    shifted: (shift) => apply({ bias: own ? g.op('Add', [own(), shift]) : shift }),
  });
  return true;
};
