/** Where the windows of a node go, and which layout its weights are to have. */
import { intAttribute, intsAttribute, type Node, stringAttribute } from '../../../onnx/index.js';
import type { BlockSize, Layout } from '../layout/layouts.js';
import type { Window2d } from './operators.js';

/**
 * The node's window over height and width, automatic padding resolved for an input of these sizes; undefined for
 * one of another rank.
 */
export function window2d(
  node: Node,
  kernel: readonly number[],
  spatial: readonly number[],
): Window2d | undefined {
  if (kernel.length !== 2 || spatial.length !== 2) return undefined;
  const strides = intsAttribute(node, 'strides', [1, 1]);
  const dilations = intsAttribute(node, 'dilations', [1, 1]);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  let pads = auto === 'NOTSET' ? intsAttribute(node, 'pads', [0, 0, 0, 0]) : [0, 0, 0, 0];
  if (auto.startsWith('SAME')) {
    const totals = spatial.map((size, i) => {
      const reach = (Math.ceil(size / strides[i]!) - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1;
      return Math.max(reach - size, 0);
    });
    const begins = totals.map((t) => (auto === 'SAME_UPPER' ? Math.floor(t / 2) : Math.ceil(t / 2)));
    pads = [...begins, ...totals.map((t, i) => t - begins[i]!)];
  }
  return { kernel, strides, dilations, pads } as unknown as Window2d;
}

export const groupOf = (node: Node): number => intAttribute(node, 'group', 1);

/** The layout of a convolution's weights; undefined where no blocked kernel takes its channels. */
export function weightLayout(
  channels: number,
  outputs: number,
  group: number,
  block: BlockSize,
): Exclude<Layout, 'plain' | 'channels'> | undefined {
  if (outputs % block !== 0) return undefined;
  if (group === 1 && channels < block) return 'thin';
  if (group === 1 && channels % block === 0) return 'dense';
  return group > 1 && group === channels && group === outputs ? 'depthwise' : undefined;
}
