/** Which parts of a graph compute on 8-bit integers, and which of its values are written as such. */
import { floatAttribute, intAttribute } from '../../attributes.js';
import type { Graph, Model, Node, Tensor } from '../../graph.js';
import { limitsOf } from '../../limits.js';
import { isOp, operatorName } from '../../opsets.js';
import { float32Values } from '../../tensor.js';
import { useCounts } from '../../traverse.js';
import { constantResolver } from '../constants.js';
import type { ValueRange } from './scales.js';

/** A node y = W x + b with constant W and b. */
export interface Layer {
  readonly weights: Tensor;
  /** The output channel axis of the weights. */
  readonly axis: number;
  readonly depthwise: boolean;
  /** 1 for a matrix product. */
  readonly groups: number;
  /** One for each output channel, beta of Gemm multiplied in. */
  readonly bias: ArrayLike<number> | undefined;
  /** Whether its output is written as integers: otherwise ONNX Runtime has kernels only for Gemm and MatMul. */
  readonly integerOutput: boolean;
}

/** A node whose output is written as integers, and the operators in between. */
export interface Tail {
  /** The name of the value that is written as integers. */
  readonly value: string;
  /** A Relu or Clip after the node, if it is the only reader. */
  readonly activation: { readonly node: Node; readonly bounds: ValueRange } | undefined;
}

export interface Plan {
  readonly layers: ReadonlyMap<Node, Layer>;
  /** Layers with integer outputs, and the nodes between layers that also compute on integers. */
  readonly tails: ReadonlyMap<Node, Tail>;
  /** Values written as integers. */
  readonly values: ReadonlyMap<string, Source>;
}

/** The value observed for another: itself, or the one that it only rearranges. */
export interface Source {
  readonly range: string;
  /** Undefined if the means of channels change. */
  readonly mean: string | undefined;
}

/** Operators that ONNX Runtime computes on integers without changing the scale. */
const REARRANGING = new Set(['MaxPool', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze']);
/** Those of them that preserve each channel's mean, if they preserve channels. */
const KEEPING_MEANS = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);
/** Operators that it computes on integers with different scales of inputs and output. */
const COMBINING = new Set(['Add', 'Mul', 'Concat', 'AveragePool', 'GlobalAveragePool']);
/** Further inputs are shapes and axes. */
const DATA_INPUTS = new Map([
  ['Add', 2],
  ['Mul', 2],
  ['Concat', Number.POSITIVE_INFINITY],
]);

/**
 * Convolutions and products with constant matrices compute on integers, and so do the nodes between two of them if ONNX
 * Runtime has integer kernels for them; nodes that only lead to floating-point nodes do not.
 */
export function planQuantization({ graph }: Model): Plan {
  const resolve = constantResolver(graph);
  const found = new Map(
    graph.nodes.flatMap((n): [Node, Omit<Layer, 'integerOutput'>][] => {
      const layer = layerOf(n, resolve);
      return layer === undefined ? [] : [[n, layer]];
    }),
  );
  const tailOf = tailFinder(graph, resolve);
  const readByLayers = new Set([...found.keys()].map((n) => n.inputs[0]!));
  const candidates = graph.nodes.filter((n) => isBetween(n, resolve));
  const between = integersBetween({ layers: found, candidates, readByLayers, tailOf });

  const read = new Set([...readByLayers, ...[...between].flatMap(dataInputs)]);
  const layers = new Map<Node, Layer>();
  const tails = new Map<Node, Tail>();
  const itself = (name: string): Source => ({ range: name, mean: name });
  const values = new Map<string, Source>([...readByLayers].map((name) => [name, itself(name)]));
  for (const n of graph.nodes) {
    const layer = found.get(n);
    const tail = tailOf(n);
    const integerOutput = between.has(n) || n.op === 'Conv' || read.has(tail.value);
    if (layer !== undefined) layers.set(n, { ...layer, integerOutput });
    if ((layer === undefined && !between.has(n)) || !integerOutput) continue;
    tails.set(n, tail);
    const [input] = n.inputs as [string];
    const { range, mean } = REARRANGING.has(n.op) ? (values.get(input) ?? itself(input)) : itself(tail.value);
    const keepsMeans = !REARRANGING.has(n.op) || KEEPING_MEANS.has(n.op);
    values.set(tail.value, { range, mean: keepsMeans ? mean : undefined });
  }
  return { layers, tails, values };
}

/** The data inputs of a node between layers. */
function dataInputs(n: Node): readonly string[] {
  return n.inputs.slice(0, DATA_INPUTS.get(n.op) ?? 1);
}

function isBetween(n: Node, resolve: ReturnType<typeof constantResolver>): boolean {
  const operator = operatorName(n);
  if (n.outputs.length !== 1 || !(REARRANGING.has(operator) || COMBINING.has(operator))) return false;
  return dataInputs(n).every((name) => resolve(name) === undefined);
}

interface Search {
  readonly layers: ReadonlyMap<Node, unknown>;
  readonly candidates: readonly Node[];
  readonly readByLayers: ReadonlySet<string>;
  readonly tailOf: (n: Node) => Tail;
}

/** The largest set of candidates that read integers only, and whose outputs integer nodes read. */
function integersBetween({ layers, candidates, readByLayers, tailOf }: Search): Set<Node> {
  let kept = new Set(candidates);
  for (;;) {
    const made = new Set([...layers.keys(), ...kept].map((n) => tailOf(n).value));
    const read = new Set([...readByLayers, ...[...kept].flatMap(dataInputs)]);
    const next = new Set(
      [...kept].filter(
        (n) =>
          read.has(tailOf(n).value) &&
          dataInputs(n).every((name) => made.has(name) || readByLayers.has(name)),
      ),
    );
    if (next.size === kept.size) return kept;
    kept = next;
  }
}

/** The value of a node that is written as integers: its output, or that of the Relu or Clip that is its only reader. */
function tailFinder(graph: Graph, resolve: ReturnType<typeof constantResolver>): (n: Node) => Tail {
  const uses = useCounts(graph);
  const readers = new Map(graph.nodes.flatMap((n) => n.inputs.map((name): [string, Node] => [name, n])));
  return (n) => {
    const value = n.outputs[0]!;
    const next = readers.get(value);
    if (next === undefined || uses.get(value) !== 1 || next.inputs[0] !== value || REARRANGING.has(n.op)) {
      return { value, activation: undefined };
    }
    const limits = limitsOf(next, resolve);
    if (limits === undefined) return { value, activation: undefined };
    const [low, high] = limits;
    return { value: next.outputs[0]!, activation: { node: next, bounds: { low, high } } };
  };
}

function layerOf(
  n: Node,
  resolve: ReturnType<typeof constantResolver>,
): Omit<Layer, 'integerOutput'> | undefined {
  if (n.outputs.length !== 1) return undefined;
  const [input, , addend] = n.inputs;
  const weights = resolve(n.inputs[1]);
  if (weights?.dtype !== 'float32' || resolve(input) !== undefined) return undefined;
  const given = resolve(addend);
  if (addend && given?.dtype !== 'float32') return undefined;
  if (isOp(n, 'Conv')) {
    const groups = intAttribute(n, 'group', 1);
    const depthwise = weights.dims[1] === 1 && groups === weights.dims[0];
    return { weights, axis: 0, depthwise, groups, bias: given && float32Values(given) };
  }
  if (weights.dims.length !== 2) return undefined;
  if (isOp(n, 'MatMul')) return { weights, axis: 1, depthwise: false, groups: 1, bias: undefined };
  if (!isOp(n, 'Gemm') || intAttribute(n, 'transA', 0) !== 0 || floatAttribute(n, 'alpha', 1) !== 1) {
    return undefined;
  }
  const axis = intAttribute(n, 'transB', 0) === 1 ? 0 : 1;
  const channels = weights.dims[axis]!;
  if (given?.dims.some((d, i) => d !== 1 && !(d === channels && i === given.dims.length - 1))) {
    return undefined;
  }
  const beta = floatAttribute(n, 'beta', 1);
  const addends = given && float32Values(given);
  const bias =
    addends &&
    Float64Array.from({ length: channels }, (_, c) => beta * addends[addends.length === 1 ? 0 : c]!);
  return { weights, axis, depthwise: false, groups: 1, bias };
}
