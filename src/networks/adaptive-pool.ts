/** Average pooling from maps of any size to a given size. */
import { float32, type Value } from '../onnx/index.js';
import type { Layers } from './layers.js';

/**
 * `[N, C, H, W]` to `[N, C, side, side]`, as PyTorch's AdaptiveAvgPool2d: an output pixel is the mean of the pixels
 * from ⌊i · size / side⌋ up to ⌈(i + 1) · size / side⌉. Windows overlap if `side` does not divide the size, and repeat
 * if the maps are smaller.
 */
export function adaptiveAveragePool(l: Layers, x: Value, side: number): Value {
  const [height, width] = [x.size(2), x.size(3)];
  if (height === side && width === side) return x;
  const rows = means(height, side);
  const columns = means(width, side);
  const transposed = Float32Array.from({ length: width * side }, (_, i) => {
    return columns[(i % side) * width + Math.floor(i / side)]!;
  });
  const narrow = l.g.op('MatMul', [x, l.g.constant(float32('', [width, side], transposed))]);
  return l.g.op('MatMul', [l.g.constant(float32('', [side, height], rows)), narrow]);
}

/** The averaging weights `[side, size]`, row-major. */
function means(size: number, side: number): Float32Array {
  const weights = new Float32Array(side * size);
  for (let i = 0; i < side; i++) {
    const [start, end] = [Math.floor((i * size) / side), Math.ceil(((i + 1) * size) / side)];
    weights.fill(1 / (end - start), i * size + start, i * size + end);
  }
  return weights;
}
