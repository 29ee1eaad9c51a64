/**
 * What converters leave behind that a network does not need: Identity nodes, scales and shifts after a
 * convolution or a dense layer, and chains of limits. Values change by rounding alone.
 */
import type { Graph, Model, Node, Tensor } from '../graph.js';
import { node } from '../node.js';
import { elementCount, float32, float32Values } from '../tensor.js';
import { prune, useCounts } from '../traverse.js';

/** The model without Identity nodes, with scales and shifts folded into weights, and limits merged into one. */
export function simplify(model: Model): Model {
  const graph = mergeLimits(foldAffine(dropIdentities(model.graph)));
  return { ...model, graph: prune(graph) };
}

/**
 * The graph without Identity nodes. One that makes an output gives its name to the node before it, unless the
 * value there is an input, a constant or an output itself.
 */
function dropIdentities(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map((o) => o.name));
  const made = new Set(graph.nodes.flatMap((n) => n.outputs));
  const names = new Map<string, string>();
  const resolve = (name: string): string => names.get(name) ?? name;
  const identities = new Set<Node>();
  for (const n of graph.nodes) {
    if (n.op !== 'Identity' || n.domain !== '') continue;
    const from = resolve(n.inputs[0]!);
    const to = n.outputs[0]!;
    if (!outputs.has(to)) names.set(to, from);
    else if (made.has(from) && !outputs.has(from)) {
      names.set(from, to);
      outputs.add(from);
    } else continue;
    identities.add(n);
  }
  // A value renamed to an output's name may itself stand for others.
  const final = (name: string): string => resolve(resolve(name));
  return {
    ...graph,
    nodes: graph.nodes
      .filter((n) => !identities.has(n))
      .map((n) => ({ ...n, inputs: n.inputs.map(final), outputs: n.outputs.map(final) })),
  };
}

/** A layer that is linear in each of its output channels. */
interface Layer {
  readonly weights: Tensor;
  readonly bias: Tensor | undefined;
  readonly channels: number;
  /** The output channel that an element of the weights belongs to. */
  channelOf(element: number): number;
}

function layerOf(n: Node, constants: ReadonlyMap<string, Tensor>): Layer | undefined {
  const weights = constants.get(n.inputs[1] ?? '');
  const bias = constants.get(n.inputs[2] ?? '');
  if (weights?.dtype !== 'float32' || (n.inputs[2] && bias?.dtype !== 'float32')) return undefined;
  if (n.op === 'Conv') {
    const channels = weights.dims[0]!;
    const size = elementCount(weights.dims.slice(1));
    return { weights, bias, channels, channelOf: (element) => Math.floor(element / size) };
  }
  if (n.op === 'Gemm' && !n.attributes.has('alpha') && !n.attributes.has('beta')) {
    const transposed = n.attributes.has('transB');
    const channels = weights.dims[transposed ? 0 : 1]!;
    const inputs = weights.dims[transposed ? 1 : 0]!;
    if (bias && elementCount(bias.dims) !== channels) return undefined;
    return {
      weights,
      bias,
      channels,
      channelOf: transposed ? (element) => Math.floor(element / inputs) : (element) => element % channels,
    };
  }
  return undefined;
}

/** A constant as one number for each channel, or undefined where it is not one. */
function perChannel(constant: Tensor | undefined, n: Node, channels: number): Float32Array | undefined {
  if (constant?.dtype !== 'float32') return undefined;
  const values = float32Values(constant);
  // A constant of more dimensions would give the result more.
  if (constant.dims.length > (n.op === 'Conv' ? 4 : 2)) return undefined;
  if (values.length === 1) return new Float32Array(channels).fill(values[0]!);
  const { dims } = constant;
  // Axis 1 of [N, C, H, W] after a convolution, the last of [N, C] after a dense layer.
  const fromEnd = n.op === 'Conv' ? 3 : 1;
  return values.length === channels && dims[dims.length - fromEnd] === channels ? values : undefined;
}

/** What `op` does to each channel of a layer's output y: scale · y + shift. */
function affine(
  op: string,
  constant: Float32Array,
): { scale?: Float32Array; shift?: Float32Array } | undefined {
  switch (op) {
    case 'Mul':
      return { scale: constant };
    case 'Div':
      return { scale: constant.map((c) => 1 / c) };
    case 'Add':
      return { shift: constant };
    case 'Sub':
      return { shift: constant.map((c) => -c) };
    default:
      return undefined;
  }
}

/** Folds Mul, Div, Add and Sub of a constant for each channel into the layer before them. */
function foldAffine(graph: Graph): Graph {
  const uses = useCounts(graph);
  const constants = new Map(graph.initializers);
  const nodes: (Node | undefined)[] = [];
  const madeAt = new Map<string, number>();
  const fold = (n: Node): boolean => {
    for (const [value, constant] of [
      [n.inputs[0]!, n.inputs[1]!],
      [n.inputs[1]!, n.inputs[0]!],
    ] as const) {
      const at = madeAt.get(value);
      const before = at === undefined ? undefined : nodes[at];
      const layer = before && uses.get(value) === 1 ? layerOf(before, constants) : undefined;
      if (!before || !layer) continue;
      // c − y and c / y are no scale of y.
      if (value !== n.inputs[0] && n.op !== 'Add' && n.op !== 'Mul') continue;
      const values = perChannel(constants.get(constant), before, layer.channels);
      const change = values && affine(n.op, values);
      if (!change) continue;
      const folded = apply(before, layer, change, n.outputs[0]!);
      for (const tensor of folded.constants) constants.set(tensor.name, tensor);
      nodes[at!] = folded.node;
      madeAt.set(n.outputs[0]!, at!);
      return true;
    }
    return false;
  };
  const apply = (
    n: Node,
    layer: Layer,
    { scale, shift }: { scale?: Float32Array; shift?: Float32Array },
    output: string,
  ) => {
    const { weights, bias, channels, channelOf } = layer;
    const own = (t: Tensor | undefined, role: string) =>
      t && uses.get(t.name) === 1 ? t.name : unused(constants, `${output}/${role}`);
    const made: Tensor[] = [];
    const inputs = [n.inputs[0]!, n.inputs[1]!, n.inputs[2] ?? ''];
    if (scale) {
      const scaled = float32Values(weights).map((w, i) => w * scale[channelOf(i)]!);
      inputs[1] = own(weights, 'weight');
      made.push(float32(inputs[1]!, weights.dims, scaled));
    }
    if (bias || shift) {
      const from = bias ? float32Values(bias) : new Float32Array(channels);
      const single = from.length === 1 ? 0 : 1;
      const changed = Float32Array.from(
        { length: channels },
        (_, c) => from[c * single]! * (scale?.[c] ?? 1) + (shift?.[c] ?? 0),
      );
      inputs[2] = own(bias, 'bias');
      uses.set(inputs[2]!, 1);
      made.push(float32(inputs[2]!, [channels], changed));
    }
    uses.set(inputs[1]!, uses.get(inputs[1]!) ?? 1);
    const trimmed = inputs[2] === '' ? inputs.slice(0, 2) : inputs;
    return { node: { ...n, name: output, inputs: trimmed, outputs: [output] }, constants: made };
  };
  for (const n of graph.nodes) {
    if (n.domain === '' && n.inputs.length === 2 && fold(n)) continue;
    for (const output of n.outputs) madeAt.set(output, nodes.length);
    nodes.push(n);
  }
  return { ...graph, nodes: nodes.filter((n) => n !== undefined), initializers: constants };
}

function unused(constants: ReadonlyMap<string, Tensor>, name: string): string {
  let free = name;
  for (let i = 1; constants.has(free); i++) free = `${name}_${i}`;
  return free;
}

/** [low, high] that a Relu or a Clip keeps its input in. */
function limitsOf(n: Node, constants: ReadonlyMap<string, Tensor>): [number, number] | undefined {
  if (n.domain !== '') return undefined;
  if (n.op === 'Relu') return [0, Number.POSITIVE_INFINITY];
  if (n.op !== 'Clip') return undefined;
  const bounds = [n.inputs[1], n.inputs[2]].map((name, i) => {
    if (!name) return i === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const constant = constants.get(name);
    return constant?.dtype === 'float32' ? float32Values(constant)[0] : undefined;
  });
  return bounds.includes(undefined) ? undefined : (bounds as [number, number]);
}

/** Makes one Clip (or Relu) of a chain of them. */
function mergeLimits(graph: Graph): Graph {
  const uses = useCounts(graph);
  const constants = new Map(graph.initializers);
  const nodes: Node[] = [];
  const madeAt = new Map<string, number>();
  for (const n of graph.nodes) {
    const at = madeAt.get(n.inputs[0] ?? '');
    const second = limitsOf(n, constants);
    const first =
      second && at !== undefined && uses.get(n.inputs[0]!) === 1
        ? limitsOf(nodes[at]!, constants)
        : undefined;
    if (second && first) {
      const clamp = (bound: number) => Math.min(Math.max(bound, second[0]), second[1]);
      nodes[at!] = limit(nodes[at!]!.inputs[0]!, n.outputs[0]!, clamp(first[0]), clamp(first[1]), constants);
      madeAt.set(n.outputs[0]!, at!);
      continue;
    }
    for (const output of n.outputs) madeAt.set(output, nodes.length);
    nodes.push(n);
  }
  return { ...graph, nodes, initializers: constants };
}

function limit(from: string, to: string, low: number, high: number, constants: Map<string, Tensor>): Node {
  if (low === 0 && high === Number.POSITIVE_INFINITY) return node('Relu', [from], [to]);
  const bound = (role: string, value: number): string => {
    if (!Number.isFinite(value)) return '';
    const name = unused(constants, `${to}/${role}`);
    constants.set(name, float32(name, [], [value]));
    return name;
  };
  const inputs = [from, bound('min', low), bound('max', high)];
  return node('Clip', inputs[2] === '' ? inputs.slice(0, 2) : inputs, [to]);
}
