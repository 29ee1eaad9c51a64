/** Elementwise operators, in any layout that their operands share. */
import type { Value } from '../../../onnx/index.js';
import { filled, isScalar } from '../../sizes.js';
import type { MapSizes } from '../layout/builder.js';
import { heldSizes } from '../layout/fill.js';
import type { Layout } from '../layout/layouts.js';
import { reorderInput } from '../layout/reorder.js';
import type { BlockedNode, Rule } from '../node.js';
import type { BlockedValue } from '../value.js';

export const sameSizes = (a: readonly number[] | undefined, b: readonly number[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.join() === b.join();

/** Operators that produce no infinities or NaNs from the filling channels. */
const FINITE: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Max', 'Min', 'Sum', 'Mean', 'Abs', 'Neg', 'Sign', 'Floor', 'Ceil', 'Round'],
  ...['Relu', 'LeakyRelu', 'Elu', 'Selu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Gelu'],
  ...['Softplus', 'Softsign', 'Mish', 'Erf', 'Identity'],
]);

export const elementwise: Rule = (c) => {
  const { g, block } = c;
  const y = c.output();
  const sizes = y.sizes4;
  if (sizes === undefined) return false;
  const operands = c.inputs.filter((x) => x !== undefined);
  const full = operands.filter((x) => sameSizes(x.sizes, sizes));
  const layout = full.map((x) => x.layout).find((found) => found && found !== 'plain');
  if (layout === undefined) return false;
  if (y.fills(layout) && (!FINITE.has(c.node.op) || full.some((x) => x.dtype !== 'float32'))) return false;
  const others = operands.filter((x) => !full.includes(x) && !isScalar(x.sizes));
  if (others.length === 0) {
    write(c, layout, (x) => x.in(full.includes(x) ? layout : 'plain'));
    return true;
  }
  const held = heldSizes(layout, sizes, block);
  const [n, channels, h, w] = held;
  const operand = (x: BlockedValue): (() => Value) | undefined => {
    if (full.includes(x)) return () => g.reshape(x.in(layout), [n, channels / block, h * w, block]);
    return isScalar(x.sizes) ? () => x.plain : broadcast(c, x, sizes, channels);
  };
  const views = new Map(operands.map((x) => [x, operand(x)]));
  if (layout !== 'channels' || [...views.values()].includes(undefined)) return false;
  write(
    c,
    layout,
    (x) => views.get(x)!(),
    (value) => g.reshape(value, held),
  );
  return true;
};

/**
 * An operand with one number per channel, `[C, 1, 1]` or `[N, C, 1, 1]`, or per position, `[H, W]`, reshaped to
 * broadcast with blocks, `[N, C/B, H·W, B]`.
 */
function broadcast(
  { g, block }: BlockedNode,
  x: BlockedValue,
  [n, c, h, w]: MapSizes,
  held: number,
): (() => Value) | undefined {
  const { sizes } = x;
  if (sizes === undefined || sizes.length > 4) return undefined;
  const [batch, channels, height, width] = [...filled(4 - sizes.length, 1), ...sizes];
  if (batch === undefined || (batch !== 1 && batch !== n)) return undefined;
  if (channels === 1 && height === h && width === w) return () => g.reshape(x.plain, [batch, 1, h * w, 1]);
  if (channels !== c || height !== 1 || width !== 1) return undefined;
  const view = [batch, held / block, 1, block];
  if (held === c) return () => g.reshape(x.plain, view);
  if (x.dtype !== 'float32') return undefined;
  const filledUp = () =>
    x.sizes4 ? x.in('channels') : reorderInput(g, g.reshape(x.plain, [1, c, 1, 1]), held);
  return () => g.reshape(filledUp(), view);
}

function write(
  c: BlockedNode,
  layout: Layout,
  operand: (x: BlockedValue) => Value,
  shaped: (value: Value) => Value = (value) => value,
): void {
  const { domain, op, attributes } = c.node;
  const [value] = c.g.custom(
    domain,
    op,
    1,
    c.inputs.map((x) => x && operand(x)),
    {
      attributes: Object.fromEntries(attributes),
    },
  );
  c.output().set(layout, shaped(value));
}
