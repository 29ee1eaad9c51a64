/** Which values are the weights of convolutions, and how they are to lie. */
import { isOp, type Node } from '../../../onnx/index.js';
import type { MapSizes } from './builder.js';
import { filledChannels } from './fill.js';
import type { BlockSize, WeightLayout } from './layouts.js';

/** A convolution's channels as stored, and the matching layout of its weights. */
export interface HeldWeights {
  readonly channels: number;
  readonly outputs: number;
  readonly group: number;
  readonly layout: WeightLayout;
}

/** For weights of these sizes, `[O, I/groups, K, K]`; undefined if no blocked kernel supports their channels. */
export function heldWeights(
  [given, perGroup]: MapSizes,
  groups: number,
  block: BlockSize,
): HeldWeights | undefined {
  const [channels, outputs] = [filledChannels(perGroup * groups, block), filledChannels(given, block)];
  if (outputs % block !== 0) return undefined;
  if (groups === 1 && channels < block) return { channels, outputs, group: 1, layout: 'thin' };
  if (groups === 1 && channels % block === 0) return { channels, outputs, group: 1, layout: 'dense' };
  const depthwise = groups > 1 && perGroup === 1 && given === groups;
  return depthwise ? { channels, outputs, group: channels, layout: 'depthwise' } : undefined;
}

/** The weights of a convolution, or of the one that a node is a gradient of: for a gradient for weights, itself. */
export function weightsOf(node: Node): string | undefined {
  if (isOp(node, 'Conv', 'agewise.ConvInputGradient')) return node.inputs[1];
  return isOp(node, 'agewise.ConvWeightGradient') ? node.outputs[0] : undefined;
}
