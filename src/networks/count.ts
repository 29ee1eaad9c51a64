/** A network's parameters and multiply-adds, counted on its graph. */
import { elementCount, GraphBuilder, inferTypes, type Model, multiplyAddsOf } from '../onnx/index.js';
import { classificationHead } from './heads.js';
import { Layers } from './layers.js';
import type { Network } from './types.js';
import { zeroWeights } from './weights.js';

export interface NetworkCount {
  /** Trainable parameters. */
  readonly parameters: number;
  /** Running means and variances of batch norm. */
  readonly statistics: number;
  /** Per picture, as counted by `multiplyAdds`. */
  readonly multiplyAdds: number;
}

export interface CountOptions {
  /** The picture's sides, in pixels; the network's own input if left out. */
  readonly size?: number;
  /** The outputs of each head; default: those of the published count, if any. */
  readonly heads?: readonly number[];
}

/**
 * Counts a network's parameters and multiply-adds without making weights.
 * @throws NetworkError if the network does not accept pictures of that size.
 * @throws HeadError for heads on a network that ends with an age.
 */
export function describeNetwork(network: Network, options: CountOptions = {}): NetworkCount {
  const { published, input, headBias = true } = network;
  const { size, heads = published?.heads ?? [] } = options;
  const sizes = new Map<string, number>();
  const g = new GraphBuilder({ name: network.name });
  const l = new Layers(g, (name, dims, initial) => {
    sizes.set(name, elementCount(dims));
    return zeroWeights(name, dims, initial);
  });
  const images = g.input('images', 'float32', [1, 3, size ?? input.height, size ?? input.width]);
  const end = network.build(l, images);
  if (heads.length > 0) {
    for (const [i, outputs] of heads.entries()) {
      g.output(classificationHead(l, end, outputs, { name: `head${i}`, bias: headBias }));
    }
  } else if ('expectation' in end) g.output(end.expectation);
  else for (const value of 'dtype' in end ? [end] : end.map(({ features }) => features)) g.output(value);
  const sum = (counts: Iterable<number>) => [...counts].reduce((a, b) => a + b, 0);
  const parameters = sum(l.trainable.map((name) => sizes.get(name)!));
  return { parameters, statistics: sum(sizes.values()) - parameters, multiplyAdds: multiplyAdds(g.build()) };
}

/**
 * The multiply-adds of a graph's convolutions, matrix products and recurrent layers; other operators are not counted.
 */
export function multiplyAdds(model: Model): number {
  const types = inferTypes(model);
  const shape = (name: string | undefined) => types.get(name ?? '')?.shape;
  return model.graph.nodes.reduce(
    (total, node) => total + multiplyAddsOf(node, node.inputs.map(shape), shape(node.outputs[0])),
    0,
  );
}
