/**
 * Zeros around maps take part in a pooling that looks for the largest. ONNX Runtime takes a `Pad` by zeros before a
 * `MaxPool` for the pooling's own padding, which counts for nothing: where all that a window sees is negative, it answers
 * with the largest of that instead of zero (https://github.com/microsoft/onnxruntime/pull/18136).
 */
import { float, floatAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import type { Graph, Model, Node, Tensor } from '../graph.js';
import { limitsOf } from '../limits.js';
import { isOp, opsetOf } from '../opsets.js';
import { inferTypes } from '../shapes/index.js';
import { integerValues, tensor } from '../tensor.js';
import { producers } from '../traverse.js';
import { Additions } from './additions.js';
import { constantResolver } from './constants.js';

/** ONNX Runtime looks for zeros by their bytes, and those of a negative zero are not all 0. */
const ZERO = -0;
const WITH_NEGATIVE_ZERO: ReadonlySet<string> = new Set(['float16', 'float32', 'float64']);
/** An attribute it compares as a number: the least above zero at full precision. */
const ALMOST_ZERO = 2 ** -126;
/** Before this version of the operators, pads and value are attributes. */
const WITH_INPUTS = 11;

/**
 * The same function, in which ONNX Runtime does not see that what goes into a `MaxPool` is padded by zeros; the same
 * model where that makes no difference, as behind a Relu, which leaves nothing below zero. Graphs inside If and Loop
 * are left as they are.
 */
export function keepZeroPadding(model: Model): Model {
  const { graph } = model;
  const pads = paddingsOfPools(graph);
  if (pads.size === 0) return model;
  const additions = new Additions(graph);
  const resolve = constantResolver(graph);
  const keep = (pad: Node): Node => {
    if (opsetOf(model) < WITH_INPUTS) {
      return { ...pad, attributes: new Map(pad.attributes).set('value', float(ALMOST_ZERO)) };
    }
    const [input, amounts, value] = pad.inputs as [string, string, string?];
    const dtype = resolve(value)?.dtype ?? inferTypes(model).get(input)?.dtype;
    // Integers have one zero; quantised models keep theirs elsewhere.
    if (dtype === undefined || !WITH_NEGATIVE_ZERO.has(dtype)) return pad;
    const name = additions.constant(tensor(`${pad.outputs[0]}.value`, dtype, [], [ZERO]));
    return { ...pad, inputs: [input, amounts, name] };
  };
  const nodes = graph.nodes.map((node) => (pads.has(node) ? keep(node) : node));
  return { ...model, graph: { ...graph, nodes, initializers: additions.initializers } };
}

/** The nodes that pad maps by zeros for a `MaxPool`, where ONNX Runtime would change the result. */
function paddingsOfPools(graph: Graph): Set<Node> {
  const made = producers(graph);
  const resolve = constantResolver(graph);
  const found = new Set<Node>();
  for (const pool of graph.nodes) {
    if (!isOp(pool, 'MaxPool')) continue;
    const pad = producer(made, pool.inputs[0]!);
    if (pad === undefined || !isOp(pad, 'Pad') || !padsByZeros(pad, resolve)) continue;
    const source = producer(made, pad.inputs[0]!);
    const low = (source && limitsOf(source, resolve)?.[0]) ?? Number.NEGATIVE_INFINITY;
    if (low < 0 || !everyWindowReachesIn(pool, amountsOf(pad, resolve))) found.add(pad);
  }
  return found;
}

/** The node that makes a value, before any that hand it on as it is or in another precision. */
function producer(made: ReadonlyMap<string, Node>, name: string): Node | undefined {
  let node = made.get(name);
  while (node && isOp(node, 'Cast', 'Identity')) node = made.get(node.inputs[0]!);
  return node;
}

type Resolve = (name: string | undefined) => Tensor | undefined;

function padsByZeros(pad: Node, resolve: Resolve): boolean {
  const [, , value, axes] = pad.inputs;
  const given = resolve(value);
  const zero = value ? given !== undefined && isZero(given) : floatAttribute(pad, 'value', 0) === 0;
  const amounts = amountsOf(pad, resolve);
  // Of amounts that are computed nothing is known.
  const outside = amounts?.some((amount, i) => amount < 0 || (i % (amounts.length / 2) < 2 && amount !== 0));
  return !axes && stringAttribute(pad, 'mode', 'constant') === 'constant' && zero && !outside;
}

/** Of all bytes 0. */
const isZero = ({ data }: Tensor): boolean => data.every((byte) => byte === 0);

/** Pixels before each axis, then those behind each; undefined where they are no constant. */
function amountsOf(pad: Node, resolve: Resolve): readonly number[] | undefined {
  if (pad.inputs.length < 2) return intsAttribute(pad, 'pads', []);
  const constant = resolve(pad.inputs[1]);
  return constant && integerValues(constant);
}

/** Whether no window sees padding alone, on which ONNX Runtime has a rule of its own. */
function everyWindowReachesIn(pool: Node, amounts: readonly number[] | undefined): boolean {
  const kernel = intsAttribute(pool, 'kernel_shape', []);
  const own = intsAttribute(pool, 'pads', []);
  const half = kernel.length + 2;
  return kernel.every((size, axis) =>
    [0, 1].every((end) => {
      const added = amounts?.[end * half + axis + 2] ?? size;
      return added + (own[end * kernel.length + axis] ?? 0) < size;
    }),
  );
}
