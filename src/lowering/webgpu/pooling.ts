import { endPadding, type Shape, slidingWindow, windowExtent } from '../../onnx/index.js';
import type { ReplacedNode, ReplacementRule } from '../replacement.js';

/**
 * If sizes are rounded up, a last window that would begin in the padding is left out; ONNX Runtime (1.30) still counts
 * it in the provider's layout and rejects the graph. Explicit padding makes rounding unnecessary.
 */
export const pooling: ReplacementRule = (c) => {
  const { node, inputs } = c;
  const explicit = c.string('auto_pad', 'NOTSET') === 'NOTSET';
  const alone = node.outputs.length === 1 && c.int('count_include_pad', 0) === 0;
  if (c.int('ceil_mode', 0) === 0 || !explicit || !alone) return undefined;
  const [sizes, counts] = [numbers(c.shape(0)), numbers(c.outputShape())];
  if (sizes === undefined || counts === undefined) return undefined;
  const kept = [...node.attributes].filter(([name]) => name !== 'ceil_mode');
  const attributes = { ...Object.fromEntries(kept), pads: padsFor(c, sizes, counts) };
  return c.g.custom('', node.op, 1, inputs, { attributes });
};

/** The spatial sizes, if all are known. */
function numbers(shape: Shape | undefined): readonly number[] | undefined {
  const sizes = shape?.slice(2);
  return sizes?.every((d) => typeof d === 'number') ? sizes : undefined;
}

/** The end padding covered by the windows. */
function padsFor(c: ReplacedNode, sizes: readonly number[], counts: readonly number[]): readonly number[] {
  const kernel = c.ints('kernel_shape', []);
  const { strides, dilations, pads } = slidingWindow(c, kernel, () => sizes);
  const begins = pads.slice(0, kernel.length);
  const ends = sizes.map((size, i) =>
    endPadding(size, begins[i]!, counts[i]!, windowExtent(kernel[i]!, dilations[i]!), strides[i]!),
  );
  return [...begins, ...ends];
}
