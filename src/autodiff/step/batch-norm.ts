/** Batch normalisation in a training step: its running statistics, and the layers that do not train. */
import {
  DATA_TYPES,
  everyName,
  float32,
  type Graph,
  GraphBuilder,
  intAttribute,
  isOp,
  type Model,
  Names,
  type Node,
  node,
  readNames,
  type Shape,
  type Tensor,
} from '../../onnx/index.js';

/** The inputs of BatchNormalization with its running statistics. */
const [MEAN, VARIANCE] = [3, 4];

export const isTrainingBatchNorm = (node: Node): boolean =>
  isOp(node, 'BatchNormalization') && intAttribute(node, 'training_mode', 0) === 1;

/** The same layer using its running statistics. */
export function batchNormByStatistics(node: Node): Node {
  const attributes = new Map([...node.attributes].filter(([name]) => name !== 'training_mode'));
  return { ...node, attributes, outputs: node.outputs.slice(0, 1) };
}

/**
 * The model with every batch normalisation before all trained layers using its running statistics, which then stay
 * unchanged: the output of such a layer must not change, and this costs almost nothing.
 */
export function freezeStatistics(model: Model, trained: ReadonlySet<string>): Model {
  const reached = new Set(trained);
  const nodes = model.graph.nodes.map((node) => {
    if (![...readNames(node)].some((name) => reached.has(name))) {
      return isTrainingBatchNorm(node) ? batchNormByStatistics(node) : node;
    }
    for (const name of node.outputs) reached.add(name);
    return node;
  });
  return { ...model, graph: { ...model.graph, nodes } };
}

/** A running statistic: its initial constant, and its new value. */
export interface RunningStatistic {
  readonly initial: Tensor;
  readonly next: string;
}

/**
 * The model with the running statistics of its batch norms as PyTorch keeps them
 * (https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html): the mean follows that of the batch, the variance
 * that of the sample, n/(n − 1) times the population's, which ONNX takes; n is the number of elements of a channel.
 *
 * ONNX Runtime writes a statistic over the old one, in the caller's own memory if that is an input, unless the new one
 * is an output of the graph. The mean is made an output; the variance is read from a copy.
 * @throws RangeError if a statistic is not a constant of the graph, or two layers share it.
 */
export function withRunningStatistics(model: Model): {
  readonly model: Model;
  readonly statistics: readonly RunningStatistic[];
} {
  const { graph } = model;
  if (!graph.nodes.some(isTrainingBatchNorm)) return { model, statistics: [] };
  const known = GraphBuilder.from(model);
  const names = new Names(everyName(graph));
  const initializers = new Map(graph.initializers);
  const statistics = new Map<string, RunningStatistic>();
  const nodes = graph.nodes.flatMap((n) => {
    if (!isTrainingBatchNorm(n)) return n;
    const own = [MEAN, VARIANCE].map((i) => ownStatistic(graph, n, i, statistics)) as [Tensor, Tensor];
    const ratio = sampleRatio(known, names, own[1].dims[0]!, n);
    for (const t of ratio.constants) initializers.set(t.name, t);
    const tracked = trackedLayer(names, n, own, ratio.name);
    own.forEach((initial, i) => {
      statistics.set(initial.name, { initial, next: tracked.next[i]! });
    });
    return [...ratio.nodes, ...tracked.nodes];
  });
  return {
    model: { ...model, graph: { ...graph, nodes, initializers } },
    statistics: [...statistics.values()],
  };
}

/** n/(n − 1) · (m · (n − 1)/n · old + (1 − m) · population) = m · old + (1 − m) · sample */
function trackedLayer(names: Names, n: Node, [mean, variance]: readonly [Tensor, Tensor], ratio: string) {
  const y = n.outputs[0]!;
  const copy = names.claim(`${y}.variance.old`);
  const population = n.outputs[2] || names.claim(`${y}.variance.population`);
  const next = [n.outputs[1] || names.claim(`${y}.mean.new`), names.claim(`${y}.variance.new`)] as const;
  const inputs = [...n.inputs.slice(0, MEAN), mean.name, copy];
  return {
    nodes: [
      node('Mul', [variance.name, ratio], [copy]),
      { ...n, inputs, outputs: [y, next[0], population] },
      node('Div', [population, ratio], [next[1]]),
    ],
    next,
  };
}

function ownStatistic(
  { initializers }: Graph,
  n: Node,
  input: number,
  others: ReadonlyMap<string, unknown>,
): Tensor {
  const name = n.inputs[input]!;
  const found = initializers.get(name);
  if (found !== undefined && !others.has(name)) return found;
  throw new RangeError(
    `A running statistic must be a constant of one layer; '${name}' of '${n.name}' is ` +
      (found === undefined ? 'not a constant' : 'shared with another layer'),
  );
}

/** (n − 1)/n, and 1 for a single element: a constant if the batch size is known, otherwise computed. */
function sampleRatio(known: GraphBuilder, names: Names, channels: number, { inputs, outputs }: Node) {
  const shape: Shape | undefined = known.find(inputs[0]!)?.shape;
  const name = names.claim(`${outputs[0]}.ratio`);
  if (shape?.every((d) => typeof d === 'number')) {
    const count = (shape as number[]).reduce((a, b) => a * b, 1) / channels;
    return { name, nodes: [], constants: [float32(name, [], [Math.max(count - 1, 1) / count])] };
  }
  const part = (of: string) => `${name}.${of}`;
  return {
    name,
    nodes: [
      node('Size', [inputs[0]!], [part('size')]),
      node('Cast', [part('size')], [part('elements')], { to: DATA_TYPES.float32 }),
      node('Div', [part('elements'), part('channels')], [part('count')]),
      node('Sub', [part('count'), part('one')], [part('fewer')]),
      node('Max', [part('fewer'), part('one')], [part('freedom')]),
      node('Div', [part('freedom'), part('count')], [name]),
    ],
    constants: [float32(part('channels'), [], [channels]), float32(part('one'), [], [1])],
  };
}
