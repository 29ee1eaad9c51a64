import type { ReplacementRule } from '../replacement.js';
import { filled } from '../sizes.js';

/** Output channels per group. */
const COPIES = 2;

/**
 * For groups with several input channels and one output channel, the provider's kernel computes wrong sums (1.30), but
 * not with two output channels. So each kernel is used twice, and every other output channel is kept.
 */
export const convTranspose: ReplacementRule = (c) => {
  const { g, node } = c;
  const groups = c.int('group', 1);
  const [inputs, outputsPerGroup] = c.shape(1) ?? [];
  if (outputsPerGroup !== 1 || inputs === groups) return undefined;
  const kernels = g.op(
    'Concat',
    filled(COPIES, 1).map(() => c.input(1)),
    { axis: 1 },
  );
  const attributes = Object.fromEntries(node.attributes);
  const [all] = g.custom('', 'ConvTranspose', 1, [c.input(0), kernels], { attributes });
  const ends = g.ints([COPIES * groups]);
  const chosen = g.op('Slice', [all, g.ints([0]), ends, g.ints([1]), g.ints([COPIES])]);
  if (!c.has(2)) return [chosen];
  return [g.op('Add', [chosen, g.reshape(c.input(2), [groups, ...filled(c.rank(1) - 2, 1)])])];
};
