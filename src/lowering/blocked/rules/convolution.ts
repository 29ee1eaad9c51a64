/** Convolutions, with what follows them made part of their kernel. */
import type { Value } from '../../../onnx/index.js';
import type { Rule } from '../blocking.js';
import { groupOf, weightLayout, window2d } from '../kernels/geometry.js';
import { isNarrow, narrowConv } from '../kernels/narrow.js';
import type { Relu } from '../kernels/operators.js';
import { conv } from '../kernels/operators.js';

export const convolution: Rule = (b, node) => {
  const { g, store } = b;
  const [x, w, bias] = node.inputs as [string, string, string?];
  const [sizes, weights] = [store.sizes(x), store.sizes(w)];
  if (store.type(x)?.dtype !== 'float32' || sizes?.length !== 4 || weights === undefined) return false;
  const group = groupOf(node);
  const layout = weightLayout(sizes[1]!, weights[0]!, group, b.block);
  const window = window2d(node, weights.slice(2), sizes.slice(2));
  if (layout === undefined || window === undefined) return false;
  const source = () => store.in(x, layout === 'thin' ? 'plain' : 'channels');
  const own = bias ? () => store.plain(bias) : undefined;
  const narrow = layout === 'dense' && isNarrow(sizes, window);
  const apply = (extras: { bias?: Value | undefined; sum?: Value | undefined; relu?: Relu | undefined }) =>
    narrow
      ? narrowConv(b, source(), store.in(w, layout), window, extras)
      : conv(g, source(), store.in(w, layout), window, { ...extras, group });
  store.defer(node.outputs[0]!, {
    finish: (epilogue) => apply({ bias: own?.(), ...epilogue }),
    shifted: (shift) => apply({ bias: own ? g.op('Add', [own(), shift]) : shift }),
  });
  return true;
};
