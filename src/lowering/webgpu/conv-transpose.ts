import type { ReplacementRule } from '../replacement.js';
import { filled } from '../sizes.js';

/** The channels to have of each group. */
const COPIES = 2;

/**
 * Of groups that give one channel and take several the provider's kernel gets the sums wrong (1.30); of groups that
 * give two it does not. So it takes each kernel twice, and every other channel of what comes of it.
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
