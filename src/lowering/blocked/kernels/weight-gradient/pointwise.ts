/** The gradient of a 1×1 convolution for its weights, as products of matrices over the positions. */
import type { Value } from '../../../../onnx/index.js';
import { reorderInput, reorderOutput } from '../../layout/reorder.js';
import { maxPool } from '../operators.js';
import type { WeightGradientKernel } from './problem.js';

/**
 * Maps with at least this many positions use one matrix product per image, smaller ones a single product for the whole
 * batch. Milliseconds at [channels → outputs @ side, batch], measured as in `division.ts`:
 *
 * | | image by image | whole batch | interleaved |
 * |---|---|---|---|
 * | 64 → 256 @ 56, 8 | 7.1 | 16.3 | 53 |
 * | 512 → 128 @ 28, 8 | 9.1 | 15.5 | 57 |
 * | 256 → 1024 @ 14, 8 | 8.6 | 15.5 | 31 |
 * | 2048 → 512 @ 7, 8 | 11.2 | 7.0 | 15 |
 * | 128 → 128 @ 40, 32 | 15.9 | 21.8 | 40 |
 * | 512 → 512 @ 10, 32 | 24.8 | 15.9 | 12 |
 * | 1024 → 1024 @ 5, 32 | 41.6 | 10.4 | 17 |
 */
const LARGE_MAP = 196;

/**
 * The product of one operand in ONNX's order, `[channels, positions]`, and the other in blocks `[positions, B]`. Image
 * by image, the operand with fewer channels is reordered, and the images are summed; for the whole batch it is x, and
 * the result is the gradient in its layout.
 */
export const pointwise: WeightGradientKernel = (b, { x, dy, window, channels, outputs, batch, count }) => {
  const { g, block } = b;
  const area = count[0] * count[1];
  const given = x.in('channels');
  const strided = window.strides.some((s) => s > 1);
  // Max pooling with a 1×1 window: selects the strided positions.
  const met = strided ? maxPool(g, given, window) : given;
  const gradient = dy.in('channels');
  const plainInput = () => (strided ? reorderOutput(g, met) : x.plainBlocks());
  const byBlocks = (value: Value, count: number) => g.reshape(value, [batch, count / block, area, block]);
  const dims = [outputs, channels, 1, 1];
  if (area < LARGE_MAP) {
    const rows = g.op('Transpose', [g.reshape(plainInput(), [batch, channels, area])], { perm: [1, 0, 2] });
    const blocks = g.reshape(gradient, [batch, outputs / block, area * block]);
    const columns = g.op('Transpose', [blocks], { perm: [1, 0, 2] });
    const products = g.op('MatMul', [
      g.reshape(rows, [1, channels, batch * area]),
      g.reshape(columns, [outputs / block, batch * area, block]),
    ]);
    return g.reshape(products, dims);
  }
  const summed = (rows: Value, blocks: Value) =>
    g.op('ReduceSum', [g.op('MatMul', [rows, blocks]), g.ints([0])], { keepdims: 0 });
  if (channels <= outputs) {
    const rows = g.reshape(plainInput(), [batch, 1, channels, area]);
    return g.reshape(summed(rows, byBlocks(gradient, outputs)), dims);
  }
  const rows = g.reshape(dy.plainBlocks(), [batch, 1, outputs, area]);
  // [C/B, O, B of C], whose blocks are transposed, then the outer axes exchanged: both multi-threaded.
  const planes = [channels / block, outputs / block] as const;
  const blocks = g.reshape(summed(rows, byBlocks(met, channels)), [planes[0] * planes[1], block, 1, block]);
  const transposed = g.reshape(reorderInput(g, blocks), [...planes, block * block]);
  return g.reshape(g.op('Transpose', [transposed], { perm: [1, 0, 2] }), dims);
};
