import type { Graph, Tensor } from '../../onnx/index.js';
import type { ParameterGroup } from './types.js';
import { weightsOfProducts } from './weight-decay.js';

/** A parameter with the settings of its group. */
export interface Trained {
  readonly initial: Tensor;
  /** The factor of the learning rate. */
  readonly rate: number;
  readonly weightDecay: number;
}

/**
 * The parameters of all groups, in order.
 * @throws RangeError for a name that is not a float32 constant of the graph or is in two groups, a rate that is not positive, a negative decay, or if nothing is trained.
 */
export function trainedParameters(
  graph: Graph,
  groups: readonly ParameterGroup[],
  weightDecay: number,
): Trained[] {
  const decayed = weightsOfProducts(graph);
  const found = new Map<string, Trained>();
  for (const { parameters, rate = 1, weightDecay: own } of groups) {
    if (!(rate > 0)) throw new RangeError(`A group's rate must be above 0, found ${rate}`);
    if (own !== undefined && !(own >= 0)) {
      throw new RangeError(`A group's weight decay must be at least 0, found ${own}`);
    }
    for (const name of parameters) {
      const initial = graph.initializers.get(name);
      if (initial?.dtype !== 'float32') {
        const kind = initial === undefined ? 'not there' : initial.dtype;
        throw new RangeError(`Parameter '${name}' must be a float32 constant, found ${kind}`);
      }
      if (found.has(name)) throw new RangeError(`Parameter '${name}' is in the groups twice`);
      found.set(name, { initial, rate, weightDecay: own ?? (decayed.has(name) ? weightDecay : 0) });
    }
  }
  if (found.size === 0) throw new RangeError('A step trains one parameter or more, found none');
  return [...found.values()];
}
