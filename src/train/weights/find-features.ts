/** Where in a network the features stand that its classifying layers read. */
import { formatShape, inferTypes, type Model, type Node, producers, type Shape } from '../../onnx/index.js';
import { few, WeightsError } from './error.js';

/** The name of the features in models of ours. */
const FEATURES = 'features';

/** Operators after a classifying layer that keep its classes. */
const AFTER = new Set([
  'Softmax',
  'LogSoftmax',
  'Sigmoid',
  'Identity',
  'Cast',
  'Clip',
  'ReduceSum',
  'ArgMax',
]);
const PROBABILITIES = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);
/** Operators that only reshape features. */
const SHAPING = new Set(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze']);
/** Operators that combine logits: a bias, a calibration, or the outputs of several networks. */
const JOINING = new Set(['Add', 'Sub', 'Mul', 'Div', 'Mean']);
const LINEAR = new Set(['Gemm', 'MatMul', 'Conv']);

/** `[N, F]`, or `[N, F, 1, 1]`, as pooling outputs. */
export function isFlat(shape: Shape | undefined): boolean {
  return (
    typeof shape?.[1] === 'number' &&
    (shape.length === 2 || (shape.length === 4 && shape[2] === 1 && shape[3] === 1))
  );
}

/**
 * The name of the value `[N, F]` or `[N, F, 1, 1]` that heads may read: the one called `features`, else the last one
 * before the classifying layers, found from the outputs back through softmax, sigmoid, biases and one product with a
 * matrix. An output without such a product is features itself, unless predictions are known.
 * @param file for the error's sentence
 * @param predictions the outputs known to be predictions, if any
 * @throws WeightsError that names the candidates if there are none or several.
 */
export function findFeatures(
  model: Model,
  file: string,
  predictions: ReadonlySet<string> = new Set(),
): string {
  const { graph } = model;
  const types = inferTypes(model);
  const made = producers(graph);
  const flat = (name: string) => isFlat(types.get(name)?.shape);
  if (made.has(FEATURES) && flat(FEATURES)) return FEATURES;

  const variable = (node: Node) => node.inputs.filter((n) => n !== '' && !graph.initializers.has(n));
  const seen = new Map<string, ReadonlySet<string>>();
  const search = (name: string): ReadonlySet<string> => {
    const node = made.get(name);
    if (node === undefined) return new Set();
    const [x, ...others] = variable(node);
    if (x !== undefined && flat(x)) {
      if (AFTER.has(node.op) || SHAPING.has(node.op)) return before(x);
      if (JOINING.has(node.op)) return new Set([x, ...others].flatMap((n) => [...before(n)]));
      if (LINEAR.has(node.op) && others.length === 0) {
        return PROBABILITIES.has(made.get(x)?.op ?? '') ? before(x) : new Set([unshaped(x)]);
      }
    }
    return flat(name) && predictions.size === 0 ? new Set([name]) : new Set();
  };
  const before = (name: string): ReadonlySet<string> => {
    const found = seen.get(name) ?? search(name);
    seen.set(name, found);
    return found;
  };
  const unshaped = (name: string): string => {
    const node = made.get(name);
    const from = node?.inputs[0];
    return node && SHAPING.has(node.op) && flat(from!) && made.has(from!) ? unshaped(from!) : name;
  };

  const candidates = [...new Set(graph.outputs.flatMap((o) => [...before(o.name)]))];
  if (candidates.length === 1) return candidates[0]!;
  // Of the others, the earlier ones: not logits.
  const earlier = candidates.length === 0 ? undefined : ancestors(model, candidates);
  const others = graph.nodes
    .flatMap((node) => node.outputs)
    .filter(
      (name) =>
        flat(name) && !predictions.has(name) && !candidates.includes(name) && (earlier?.has(name) ?? true),
    );
  const described = [...candidates, ...others.reverse()].map(
    (name) => `'${name}' ${formatShape(types.get(name)?.shape)}`,
  );
  const problem =
    candidates.length === 0
      ? 'no value of shape [N, F] precedes a classification layer'
      : `${candidates.length} values of shape [N, F] precede classification layers`;
  throw new WeightsError(`${file}: ${problem}; name the features: ${few(described)}`);
}

/** Every value that the named ones depend on. */
function ancestors({ graph }: Model, names: readonly string[]): Set<string> {
  const needed = new Set(names);
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((name) => needed.has(name))) for (const name of node.inputs) needed.add(name);
  }
  return needed;
}
