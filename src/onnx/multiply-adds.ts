import { intAttribute } from './attributes.js';
import type { Node, Shape } from './graph.js';
import { operatorName } from './opsets.js';

/** Sizes that are not known, such as a batch's, count as 1. */
export const product = (sizes: Shape): number =>
  sizes.reduce<number>((total, d) => total * (typeof d === 'number' ? d : 1), 1);

/**
 * The multiply-adds of a convolution, a matrix product or a recurrent layer; 0 for other operators, and as long as
 * shapes are unknown.
 */
export function multiplyAddsOf(
  node: Node,
  inputs: readonly (Shape | undefined)[],
  output: Shape | undefined,
): number {
  const [first = [], second = [], third = []] = inputs;
  switch (operatorName(node)) {
    case 'Conv':
      return output ? product(output) * product(second.slice(1)) : 0;
    case 'ConvTranspose':
      return product(first) * product(second.slice(1));
    case 'Gemm':
    case 'MatMul': {
      const inner = first.at(intAttribute(node, 'transA', 0) === 1 ? -2 : -1);
      return output && inner !== undefined ? product(output) * product([inner]) : 0;
    }
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return product(first.slice(0, 2)) * (product(second) + product(third));
    default:
      return 0;
  }
}
