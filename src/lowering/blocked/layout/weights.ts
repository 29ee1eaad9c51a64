/** Which values are the weights of convolutions, and how they are to lie. */
import { isOp, type Node } from '../../../onnx/index.js';
import type { BlockSize, WeightLayout } from './layouts.js';

/** The layout of a convolution's weights; undefined where no blocked kernel takes its channels. */
export function weightLayout(
  channels: number,
  outputs: number,
  group: number,
  block: BlockSize,
): WeightLayout | undefined {
  if (outputs % block !== 0) return undefined;
  if (group === 1 && channels < block) return 'thin';
  if (group === 1 && channels % block === 0) return 'dense';
  return group > 1 && group === channels && group === outputs ? 'depthwise' : undefined;
}

/** The weights of a convolution, or of the one that a node is a gradient of: for a gradient for weights, itself. */
export function weightsOf(node: Node): string | undefined {
  if (isOp(node, 'Conv', 'agewise.ConvInputGradient')) return node.inputs[1];
  return isOp(node, 'agewise.ConvWeightGradient') ? node.outputs[0] : undefined;
}
