/**
 * Zero padding before max pooling takes part in the maximum. ONNX Runtime fuses a `Pad` with zeros before a `MaxPool`
 * into the pooling's own padding, which is ignored: for a window with only negative values it returns their maximum
 * instead of zero (https://github.com/microsoft/onnxruntime/pull/18136).
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

/** ONNX Runtime checks for zero bytes, which a negative zero does not have. */
const ZERO = -0;
const WITH_NEGATIVE_ZERO: ReadonlySet<string> = new Set(['float16', 'float32', 'float64']);
/** It compares an attribute as a number: this is the smallest normal float32 above zero. */
const ALMOST_ZERO = 2 ** -126;
/** Since this opset, pads and value are inputs. */
const WITH_INPUTS = 11;

/**
 * The same function, changed so that ONNX Runtime does not recognize zero padding before a `MaxPool`; the same model if
 * that makes no difference, as after a Relu, which leaves nothing below zero. Graphs inside If and Loop are unchanged.
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
    // Integers have only one zero; quantised models have theirs in the zero point.
    if (dtype === undefined || !WITH_NEGATIVE_ZERO.has(dtype)) return pad;
    const name = additions.constant(tensor(`${pad.outputs[0]}.value`, dtype, [], [ZERO]));
    return { ...pad, inputs: [input, amounts, name] };
  };
  const nodes = graph.nodes.map((node) => (pads.has(node) ? keep(node) : node));
  return { ...model, graph: { ...graph, nodes, initializers: additions.initializers } };
}

/** The nodes that pad maps with zeros for a `MaxPool` and whose result ONNX Runtime would change. */
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

/** The node that computes a value, skipping nodes that pass it on unchanged or in another precision. */
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
  // Computed amounts are unknown.
  const outside = amounts?.some((amount, i) => amount < 0 || (i % (amounts.length / 2) < 2 && amount !== 0));
  return !axes && stringAttribute(pad, 'mode', 'constant') === 'constant' && zero && !outside;
}

/** Of all bytes 0. */
const isZero = ({ data }: Tensor): boolean => data.every((byte) => byte === 0);

/** Padding before each axis, then after each; undefined if not constant. */
function amountsOf(pad: Node, resolve: Resolve): readonly number[] | undefined {
  if (pad.inputs.length < 2) return intsAttribute(pad, 'pads', []);
  const constant = resolve(pad.inputs[1]);
  return constant && integerValues(constant);
}

/** Whether no window consists of padding only, for which ONNX Runtime has its own rule. */
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
