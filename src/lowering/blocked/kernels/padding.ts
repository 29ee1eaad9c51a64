/** Zeros around maps. */
import { tensor, type Value } from '../../../onnx/index.js';
import type { Blocking } from '../blocking.js';
import { conv, unitWindow, type Window2d } from './operators.js';

/**
 * x, in the layout `channels`, with so many rows and columns of zeros around it (top, left, bottom, right; fewer than
 * none cut off) and so many images of zeros behind it, seen with its blocks as axes: `[N, C/B, H, W, B]`.
 * ONNX Runtime's Pad works on one thread; a convolution of one tap pads in half the time.
 */
export function padded(b: Blocking, x: Value, pads: Window2d['pads'], images = 0): Value {
  if (images === 0 && pads.every((count) => count === 0)) return b.axes(x);
  if (images > 0 || pads.some((count) => count < 0)) {
    const [top, left, bottom, right] = pads;
    return b.g.op('Pad', [b.axes(x), b.g.ints([0, 0, top, left, 0, images, 0, bottom, right, 0])]);
  }
  const group = x.size(1);
  return b.axes(conv(b.g, x, ones(b, group), { ...unitWindow(), pads }, { group }));
}

function ones({ g, factors }: Blocking, channels: number): Value {
  const key = `1[${channels}]`;
  const known = factors.get(key);
  if (known !== undefined) return known;
  const made = g.constant(tensor('', 'float32', [channels, 1, 1, 1], new Float32Array(channels).fill(1)));
  factors.set(key, made);
  return made;
}
