/** How much arithmetic a graph asks for. */
import { multiplyAdds } from '../../src/networks/index.js';
import { inferTypes, intAttribute, intsAttribute, type Model } from '../../src/onnx/index.js';

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Floating-point operations of a step's convolutions, their gradients and matrix products: two for each multiply-add. */
export function flopsOf(model: Model): number {
  const types = inferTypes(model);
  const sizes = (name: string | undefined) => (types.get(name ?? '')?.shape ?? []) as number[];
  let total = 2 * multiplyAdds(model);
  for (const node of model.graph.nodes) {
    const [first, second] = [sizes(node.inputs[0]), sizes(node.inputs[1])];
    if (node.op === 'ConvInputGradient') total += 2 * product(first) * product(second.slice(1));
    if (node.op === 'ConvWeightGradient') {
      const channels = second[1]! / intAttribute(node, 'group', 1);
      total += 2 * product(first) * channels * product(intsAttribute(node, 'kernel_shape', []));
    }
  }
  return total;
}
