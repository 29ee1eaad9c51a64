/** Sums that wait for what follows, as part of the kernel that makes one of their operands. */
import { finishWith } from '../kernels/operators.js';
import type { BlockedNode, Rule } from '../node.js';
import type { BlockedValue, Deferred } from '../value.js';
import { repeatedBy } from './channels.js';
import { elementwise, sameSizes } from './elementwise.js';
import { addScaled } from './scaled-sum.js';

export const add: Rule = (c) => {
  if (addScaled(c)) return true;
  const y = c.output();
  if (!sameSizes(c.input(0).sizes, c.input(1).sizes) || y.blockable === undefined) return elementwise(c);
  const choices = openOperands(c);
  for (const [{ offset }, other] of choices) {
    const numbers = offset && repeatedBy(other);
    if (numbers) {
      const planes = numbers();
      y.defer({ finish: (epilogue) => offset(planes, epilogue) });
      return true;
    }
  }
  for (const [kernel, other] of choices) {
    const sparse = other.usage.uses === 1 ? other.deferred?.sparse : undefined;
    const finish = sparse && kernel.addSparse?.(sparse);
    if (finish) {
      y.defer({ finish });
      return true;
    }
  }
  const [choice] = choices;
  if (choice === undefined) return elementwise(c);
  const [kernel, other] = choice;
  y.defer({
    finish: ({ sum, activation }) => {
      const first = other.in('channels');
      if (sum === undefined) return kernel.finish({ sum: first, activation });
      return finishWith(c.g, kernel.finish({ sum: first }), { sum, activation });
    },
  });
  return true;
};

/** Pairs of an operand whose kernel can still add a sum, and the other operand. */
function openOperands(c: BlockedNode): readonly (readonly [Deferred, BlockedValue])[] {
  const [left, right] = [c.input(0), c.input(1)];
  if (left === right) return [];
  const pairs = [
    [left, right],
    [right, left],
  ] as const;
  return pairs.flatMap(([operand, other]) => {
    const kernel = operand.usage.uses === 1 ? operand.deferred : undefined;
    return kernel ? [[kernel, other] as const] : [];
  });
}
