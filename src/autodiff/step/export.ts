/** From a trained state back to graphs that estimate. */
import { cut, foldBatchNorm, type Model, type Node, node, type Tensor } from '../../onnx/index.js';
import { batchNormByStatistics, isTrainingBatchNorm } from './batch-norm.js';
import { isDropout } from './dropout.js';
import type { StateEntry } from './types.js';

/**
 * The weights and running statistics of a state, by their names in the forward graph; the moving averages of both if
 * `averaged`.
 * @param values the tensors of the state by name
 * @throws RangeError if a tensor is missing, or no average was kept.
 */
export function stateWeights(
  entries: readonly StateEntry[],
  values: ReadonlyMap<string, Tensor>,
  averaged = false,
): Map<string, Tensor> {
  const isWeight = ({ kind }: StateEntry) =>
    averaged ? kind === 'average' : kind === 'weight' || kind === 'statistic';
  const chosen = entries.filter(isWeight);
  if (chosen.length === 0) throw new RangeError('The state holds no moving average');
  return new Map(
    chosen.map((entry) => {
      const value = values.get(entry.name);
      if (value === undefined) throw new RangeError(`The state lacks '${entry.name}'`);
      return [entry.of, { ...value, name: entry.of }];
    }),
  );
}

/**
 * The model with constants replaced.
 * @throws RangeError if the model has no such constant, or one of another type or shape.
 */
export function withWeights(model: Model, weights: ReadonlyMap<string, Tensor>): Model {
  const initializers = new Map(model.graph.initializers);
  for (const [name, value] of weights) {
    const old = initializers.get(name);
    const describe = (t: Tensor) => `${t.dtype} [${t.dims.join(', ')}]`;
    if (old === undefined) throw new RangeError(`Graph '${model.graph.name}' has no constant '${name}'`);
    if (describe(old) !== describe(value)) {
      throw new RangeError(`Constant '${name}' must be ${describe(old)}, found ${describe(value)}`);
    }
    initializers.set(name, { ...value, name });
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

/**
 * The forward graph in its form for evaluation: batch norm by its running statistics, no dropout. Losses and
 * predictions keep their names.
 */
export function evaluationGraph(forward: Model): Model {
  const instead = new Map<string, string>();
  const nodes = forward.graph.nodes.map((n): Node => {
    const inputs = n.inputs.map((name) => instead.get(name) ?? name);
    if (isDropout(n)) {
      instead.set(n.outputs[0]!, inputs[0]!);
      // For readers of the value by name: an output of the graph, or a subgraph.
      return node('Identity', [inputs[0]!], [n.outputs[0]!]);
    }
    return { ...(isTrainingBatchNorm(n) ? batchNormByStatistics(n) : n), inputs };
  });
  const model = { ...forward, graph: { ...forward.graph, nodes } };
  return cut(model, { outputs: forward.graph.outputs.map((o) => o.name) });
}

/**
 * The inference graph: the evaluation graph with trained weights, cut to `outputs` and the inputs that they need, batch
 * norm folded into the convolutions before it.
 * @throws RangeError as `withWeights`, or if an output is not there.
 */
export function inferenceGraph(
  forward: Model,
  weights: ReadonlyMap<string, Tensor>,
  outputs: readonly string[],
): Model {
  return foldBatchNorm(cut(evaluationGraph(withWeights(forward, weights)), { outputs }));
}
