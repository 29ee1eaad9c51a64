/** Batch normalisation as it was before a model was exported for inference. */
import { float, floatAttribute, intAttribute } from '../attributes.js';
import type { Graph, Model, Node, Tensor } from '../graph.js';
import { isOp, opsetOf } from '../opsets.js';
import { prune, useCounts } from '../traverse.js';
import { Additions } from './additions.js';
import { constantResolver } from './constants.js';

export interface TrainingForm {
  /**
   * The share of a running statistic kept at each batch, 0..1; PyTorch's momentum is 1 minus this. Default: each
   * layer's own, which is 0.9 unless the file says otherwise.
   */
  readonly momentum?: number;
}

const DEFAULT_MOMENTUM = 0.9;
/** The first opset in which BatchNormalization has a training mode. */
const FIRST_OPSET = 14;
/** The inputs of BatchNormalization after x, `[C]` each. */
const PARAMETERS = ['scale', 'bias', 'mean', 'variance'];
/** Its outputs after y. */
const RUNNING = ['next.mean', 'next.variance'];

/**
 * The model with every inference BatchNormalization in training form: using batch statistics, with running ones that a
 * training step keeps as state. Scale, bias and statistics become separate float32 constants for each layer, even if
 * the file shared or computed them, so that each can be trained. `evaluationGraph` is the inverse.
 * @throws RangeError for a momentum outside 0..1, operators before version 14, or a layer whose parameters are not float32 constants.
 */
export function trainingForm(model: Model, { momentum }: TrainingForm = {}): Model {
  if (momentum !== undefined && !(momentum >= 0 && momentum <= 1)) {
    throw new RangeError(`Momentum must be from 0 to 1, found ${momentum}`);
  }
  const { graph } = model;
  if (!graph.nodes.some(infersBatchNorm)) return model;
  const opset = opsetOf(model);
  if (opset < FIRST_OPSET) {
    throw new RangeError(
      `BatchNormalization trains from version ${FIRST_OPSET} of ONNX's operators on; graph '${graph.name}' is of ${opset}`,
    );
  }
  const own = ownConstants(graph);
  const nodes = graph.nodes.map((node): Node => {
    if (!infersBatchNorm(node)) return node;
    const [x, ...parameters] = node.inputs;
    const [y] = node.outputs as [string];
    const inputs = [x!, ...parameters.map((name, i) => own.name(node, name, `${y}.${PARAMETERS[i]}`))];
    const outputs = [y, ...RUNNING.map((name) => own.additions.names.claim(`${y}.${name}`))];
    const attributes = new Map(node.attributes)
      .set('training_mode', { kind: 'int', value: 1 })
      .set('momentum', float(momentum ?? floatAttribute(node, 'momentum', DEFAULT_MOMENTUM)));
    return { ...node, inputs, outputs, attributes };
  });
  return { ...model, graph: prune({ ...graph, nodes, initializers: own.additions.initializers }) };
}

const infersBatchNorm = (node: Node): boolean =>
  isOp(node, 'BatchNormalization') && intAttribute(node, 'training_mode', 0) === 0;

/** Gives every layer its own constants. */
function ownConstants(graph: Graph) {
  const resolve = constantResolver(graph);
  const uses = useCounts(graph);
  const additions = new Additions(graph);
  const ownName = (node: Node, name: string, ownedName: string): string => {
    const given: Tensor | undefined = graph.initializers.get(name) ?? resolve(name);
    if (given?.dtype !== 'float32') {
      const found = given === undefined ? 'is computed' : `is ${given.dtype}`;
      throw new RangeError(
        `BatchNormalization '${node.name}' must have float32 constants; '${name}' ${found}`,
      );
    }
    if (graph.initializers.has(name) && uses.get(name) === 1) return name;
    return additions.constant({ ...given, name: ownedName });
  };
  return { additions, name: ownName };
}
