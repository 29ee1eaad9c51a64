/** Batch normalisation in a training step: its running statistics, and the layers that do not train. */
import {
  DATA_TYPES,
  float32,
  type Graph,
  GraphBuilder,
  intAttribute,
  type Model,
  type Node,
  node,
  readNames,
  type Tensor,
} from '../../onnx/index.js';

/** Where BatchNormalization takes its running statistics. */
const [MEAN, VARIANCE] = [3, 4];

export const isTrainingBatchNorm = (node: Node): boolean =>
  node.domain === '' && node.op === 'BatchNormalization' && intAttribute(node, 'training_mode', 0) === 1;

/** The same layer by its running statistics. */
export function batchNormByStatistics(node: Node): Node {
  const attributes = new Map([...node.attributes].filter(([name]) => name !== 'training_mode'));
  return { ...node, attributes, outputs: node.outputs.slice(0, 1) };
}

/**
 * The model with every batch normalisation that lies before all that is trained by its running statistics, which then
 * stay as they are: what such a layer computes is not to change, and it costs next to nothing.
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

/** A running statistic: the constant that it starts from, and the value that it becomes. */
export interface RunningStatistic {
  readonly initial: Tensor;
  readonly next: string;
}

/**
 * The model with the running statistics of its batch norms as PyTorch keeps them
 * (https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html): the mean follows that of the batch, the variance
 * that of the sample, n/(n − 1) times the population's, which ONNX takes; n is the number of elements of a channel.
 *
 * A layer reads copies of its old statistics, because ONNX Runtime writes the new ones into the same memory: the
 * caller's own, where they are inputs of the graph.
 * @throws RangeError where a statistic is no constant of the graph, or two layers share it.
 */
export function withRunningStatistics(model: Model): {
  readonly model: Model;
  readonly statistics: readonly RunningStatistic[];
} {
  const { graph } = model;
  if (!graph.nodes.some(isTrainingBatchNorm)) return { model, statistics: [] };
  const known = GraphBuilder.from(model);
  const constants = new Map(graph.initializers);
  const constant = (name: string, value: number): string => {
    constants.set(name, float32(name, [], [value]));
    return name;
  };
  const statistics = new Map<string, RunningStatistic>();
  const nodes = graph.nodes.flatMap((n) => {
    if (!isTrainingBatchNorm(n)) return n;
    const y = n.outputs[0]!;
    const [mean, variance] = [MEAN, VARIANCE].map((i) => ownStatistic(graph, n, i, statistics)) as [
      Tensor,
      Tensor,
    ];
    const next = { mean: n.outputs[1] || `${y}.mean`, variance: `${y}.variance` };
    statistics.set(mean.name, { initial: mean, next: next.mean });
    statistics.set(variance.name, { initial: variance, next: next.variance });
    const copies = { mean: `${y}.mean.old`, variance: `${y}.variance.old` };
    const [ratio, population] = [`${y}.ratio`, n.outputs[2] || `${y}.variance.population`];
    return [
      ...sampleRatio(known, n.inputs[0]!, variance.dims[0]!, ratio, constant),
      node('Clip', [mean.name], [copies.mean]),
      // n/(n − 1) · (m · (n − 1)/n · old + (1 − m) · population) = m · old + (1 − m) · sample
      node('Mul', [variance.name, ratio], [copies.variance]),
      {
        ...n,
        inputs: [...n.inputs.slice(0, MEAN), copies.mean, copies.variance],
        outputs: [y, next.mean, population],
      },
      node('Div', [population, ratio], [next.variance]),
    ];
  });
  return {
    model: { ...model, graph: { ...graph, nodes, initializers: constants } },
    statistics: [...statistics.values()],
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
    `A running statistic is expected to be a constant of one layer; '${name}' of '${n.name}' is ` +
      (found === undefined ? 'no constant' : 'of another layer too'),
  );
}

/** (n − 1)/n by the name `ratio`, as a constant where the size of the batch is known; 1 for a single element. */
function sampleRatio(
  known: GraphBuilder,
  x: string,
  channels: number,
  ratio: string,
  constant: (name: string, value: number) => string,
): Node[] {
  const shape = known.find(x)?.shape;
  if (shape?.every((d) => typeof d === 'number')) {
    const count = (shape as number[]).reduce((a, b) => a * b, 1) / channels;
    constant(ratio, Math.max(count - 1, 1) / count);
    return [];
  }
  const name = (part: string) => `${ratio}.${part}`;
  return [
    node('Size', [x], [name('size')]),
    node('Cast', [name('size')], [name('elements')], { to: DATA_TYPES.float32 }),
    node('Div', [name('elements'), constant(name('channels'), channels)], [name('count')]),
    node('Sub', [name('count'), constant(name('one'), 1)], [name('fewer')]),
    node('Max', [name('fewer'), name('one')], [name('freedom')]),
    node('Div', [name('freedom'), name('count')], [ratio]),
  ];
}
