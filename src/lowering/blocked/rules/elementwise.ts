/** Operators that treat every element alike, in whatever layout their operands share. */
import type { Value } from '../../../onnx/index.js';
import { filled, isScalar } from '../../sizes.js';
import type { MapSizes } from '../layout/builder.js';
import type { Layout } from '../layout/layouts.js';
import type { BlockedNode, Rule } from '../node.js';
import type { BlockedValue } from '../value.js';

export const sameSizes = (a: readonly number[] | undefined, b: readonly number[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.join() === b.join();

export const elementwise: Rule = (c) => {
  const { g, block } = c;
  const sizes = c.output().sizes4;
  if (sizes === undefined) return false;
  const operands = c.inputs.filter((x) => x !== undefined);
  const full = operands.filter((x) => sameSizes(x.sizes, sizes));
  const layout = full.map((x) => x.layout).find((found) => found && found !== 'plain');
  if (layout === undefined) return false;
  const others = operands.filter((x) => !full.includes(x) && !isScalar(x.sizes));
  if (others.length === 0) {
    write(c, layout, (x) => x.in(full.includes(x) ? layout : 'plain'));
    return true;
  }
  const views = others.map((x) => broadcastView(x.sizes, sizes, block));
  if (layout !== 'channels' || views.includes(undefined)) return false;
  const [n, channels, h, w] = sizes;
  const operand = (x: BlockedValue): Value => {
    if (full.includes(x)) return g.reshape(x.in(layout), [n, channels / block, h * w, block]);
    const view = views[others.indexOf(x)];
    return view === undefined ? x.plain : g.reshape(x.plain, view);
  };
  write(c, layout, operand, (value) => g.reshape(value, sizes));
  return true;
};

/**
 * The shape in which an operand of one number a channel, `[C, 1, 1]` or `[N, C, 1, 1]`, or one a position, `[H, W]`,
 * stands beside blocks, `[N, C/B, H·W, B]`.
 */
function broadcastView(
  sizes: readonly number[] | undefined,
  [n, c, h, w]: MapSizes,
  block: number,
): readonly number[] | undefined {
  if (sizes === undefined || sizes.length > 4) return undefined;
  const [batch, channels, height, width] = [...filled(4 - sizes.length, 1), ...sizes];
  if (batch === undefined || (batch !== 1 && batch !== n)) return undefined;
  if (channels === c && height === 1 && width === 1) return [batch, c / block, 1, block];
  return channels === 1 && height === h && width === w ? [batch, 1, h * w, 1] : undefined;
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
