import { intAttribute } from '../../onnx/index.js';
import { filled } from '../sizes.js';
import type { Expand } from '../standard/index.js';
import type { Replace } from './replace.js';

/** The channels to have of each group. */
const COPIES = 2;

/**
 * Of groups that give one channel and take several the provider's kernel gets the sums wrong (1.30); of groups that
 * give two it does not.
 */
export const convTranspose: Replace = (node, known) => {
  const [inputs, outputsPerGroup] = known.find(node.inputs[1]!)?.shape ?? [];
  const several = inputs !== intAttribute(node, 'group', 1);
  return outputsPerGroup === 1 && several ? byCopies : undefined;
};

/** Takes each kernel twice, and every other channel of what comes of it. */
const byCopies: Expand = (e) => {
  const { g, node } = e;
  const groups = intAttribute(node, 'group', 1);
  const kernels = g.op(
    'Concat',
    filled(COPIES, 1).map(() => e.input(1)),
    { axis: 1 },
  );
  const attributes = Object.fromEntries(node.attributes);
  const [all] = g.custom('', 'ConvTranspose', 1, [e.input(0), kernels], { attributes });
  const ends = g.ints([COPIES * groups]);
  const chosen = g.op('Slice', [all, g.ints([0]), ends, g.ints([1]), g.ints([COPIES])]);
  if (!node.inputs[2]) return [chosen];
  return [g.op('Add', [chosen, g.reshape(e.input(2), [groups, ...filled(e.sizes(1).length, 1)])])];
};
