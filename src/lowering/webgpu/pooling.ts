import { intAttribute, intsAttribute, type Node, stringAttribute } from '../../onnx/index.js';
import { filled } from '../sizes.js';
import { extent } from '../standard/arithmetic.js';
import type { Expand } from '../standard/index.js';
import type { Replace } from './replace.js';

/**
 * Where sizes are rounded up, and the last window would begin in the padding, it is left out; ONNX Runtime (1.30) still
 * counts it in the layout that the provider works in, and refuses the graph. Windows that padding tells need no
 * rounding.
 */
export const pooling: Replace = (node, known) => {
  const explicit = stringAttribute(node, 'auto_pad', 'NOTSET') === 'NOTSET';
  const alone = node.outputs.length === 1 && intAttribute(node, 'count_include_pad', 0) === 0;
  if (intAttribute(node, 'ceil_mode', 0) === 0 || !explicit || !alone) return undefined;
  const [sizes, counts] = [node.inputs[0]!, node.outputs[0]!].map((name) =>
    known.find(name)?.shape?.slice(2),
  );
  const fixed = [sizes, counts].every((dims) => dims?.every((d) => typeof d === 'number'));
  return fixed ? rounded(padsFor(node, sizes as number[], counts as number[])) : undefined;
};

/** As much padding behind as the windows reach into. */
function padsFor(node: Node, sizes: readonly number[], counts: readonly number[]): readonly number[] {
  const kernel = intsAttribute(node, 'kernel_shape', []);
  const rank = kernel.length;
  const strides = intsAttribute(node, 'strides', filled(rank, 1));
  const dilations = intsAttribute(node, 'dilations', filled(rank, 1));
  const begins = intsAttribute(node, 'pads', filled(2 * rank, 0)).slice(0, rank);
  const ends = sizes.map((size, i) => {
    const reach = (counts[i]! - 1) * strides[i]! + extent(kernel[i]!, dilations[i]!);
    return Math.max(reach - size - begins[i]!, 0);
  });
  return [...begins, ...ends];
}

const rounded =
  (pads: readonly number[]): Expand =>
  ({ g, node, inputs }) => {
    const kept = [...node.attributes].filter(([name]) => name !== 'ceil_mode');
    return g.custom('', node.op, 1, inputs, { attributes: { ...Object.fromEntries(kept), pads } });
  };
