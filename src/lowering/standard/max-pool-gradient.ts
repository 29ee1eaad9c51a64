/** The gradient of max pooling. */
import { tensor, type Value, windowExtent } from '../../onnx/index.js';
import type { ReplacementRule } from '../replacement.js';
import { product } from '../sizes.js';
import { taps, windowOf } from './window.js';

/** Below all values in a network, and finite, since not every device supports infinite constants. */
const LOWEST = -3.4e38;

/**
 * Tap by tap, the first that equals the maximum takes the window's gradient. Then all taps' shares are returned to
 * their positions at once, by a transposed convolution with one-hot weights.
 */
export const maxPoolGradient: ReplacementRule = (c) => {
  const { g } = c;
  const [dy, x, y] = [c.input(0), c.input(1), c.input(2)];
  const kernel = c.ints('kernel_shape', []);
  const window = windowOf(c, kernel);
  const spatial = c.spatial(1);
  const count = c.spatial(2);
  const { dtype } = x;

  let left: Value = dy;
  const shares = taps(g, x, window, count, LOWEST).map((seen) => {
    const share = g.op('Mul', [left, g.op('Cast', [g.op('Equal', [seen, y])], { to: dtype })]);
    left = g.op('Sub', [left, share]);
    return g.reshape(share, [-1, 1, ...count]);
  });
  const size = product(kernel);
  const single = new Float32Array(size * size);
  for (let i = 0; i < size; i++) single[i * size + i] = 1;
  const weights = g.constant(tensor('', dtype, [size, 1, ...kernel], single));
  const { begins, strides, dilations } = window;
  // The padded input's size covered by windows, then cropped or padded to the input's own.
  const reach = count.map((n, i) => (n - 1) * strides[i]! + windowExtent(kernel[i]!, dilations[i]!));
  const beyond = spatial.map((n, i) => begins[i]! + n - reach[i]!);
  const all = size === 1 ? shares[0]! : g.op('Concat', shares, { axis: 1 });
  const dx = g.op('ConvTranspose', [all, weights], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...begins, ...beyond.map((n) => Math.max(-n, 0))],
    output_padding: beyond.map((n) => Math.max(n, 0)),
  });
  const channels = c.channels(1);
  return [g.reshape(dx, [-1, channels, ...spatial])];
};
