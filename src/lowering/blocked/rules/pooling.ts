/** Max pooling. */
import { intAttribute, intsAttribute, type Node } from '../../../onnx/index.js';
import type { Blocking, Rule } from '../blocking.js';
import { window2d } from '../kernels/geometry.js';
import { maxPoolAxisGradient } from '../kernels/max-pool-gradient.js';
import { maxPool as pool, type Window2d } from '../kernels/operators.js';

export const maxPool: Rule = (b, node) => {
  const { store } = b;
  const [x] = node.inputs as [string];
  const plain = node.outputs.length > 1 || intAttribute(node, 'ceil_mode', 0) === 1;
  const window = plain ? undefined : windowOn(b, node, x);
  if (window === undefined) return false;
  store.set(node.outputs[0]!, 'channels', pool(b.g, store.in(x, 'channels'), window));
  return true;
};

/** The window over a value that is at hand in the layout `channels`. */
function windowOn({ store }: Blocking, node: Node, x: string): Window2d | undefined {
  const sizes = store.blockable(x);
  if (!sizes || !store.offered(x).includes('channels')) return undefined;
  return window2d(node, intsAttribute(node, 'kernel_shape', []), sizes.slice(2));
}

/**
 * Height and width one after the other: the largest of a window is the largest of its rows' largest, and the first
 * such element stands in the first such row.
 */
export const maxPoolGradient: Rule = (b, node) => {
  const { g, store } = b;
  const [dy, x, y] = node.inputs as [string, string, string];
  const window = windowOn(b, node, x);
  const found = store.blockable(y);
  if (window === undefined || found === undefined || window.dilations.some((d) => d !== 1)) return false;
  if (window.strides.some((s, i) => s > window.kernel[i]!)) return false;
  const { kernel, strides, pads } = window;
  const input = store.in(x, 'channels');
  const [, , height, width] = store.blockable(x)!;
  const rows = pool(g, input, {
    kernel: [1, kernel[1]],
    strides: [1, strides[1]],
    dilations: [1, 1],
    pads: [0, pads[1], 0, pads[3]],
  });
  if (rows.size(3) !== found[3]) return false;
  const down = { axis: 0, kernel: kernel[0], stride: strides[0], pad: pads[0], size: height } as const;
  const across = { axis: 1, kernel: kernel[1], stride: strides[1], pad: pads[1], size: width } as const;
  const between = maxPoolAxisGradient(b, store.in(dy, 'channels'), rows, store.in(y, 'channels'), down);
  store.set(node.outputs[0]!, 'channels', maxPoolAxisGradient(b, between, input, rows, across));
  return true;
};
