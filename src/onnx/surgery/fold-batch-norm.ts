/**
 * Batch normalisation in inference is an affine map of each channel, and so is multiplying by or adding a
 * constant per channel. After a convolution or a product with a constant matrix it can move into the weights:
 * s · (W * x + b) + t = (s · W) * x + (s · b + t).
 */
import { float, floatAttribute, intAttribute } from '../attributes.js';
import type { Graph, Model, Node, Shape, Tensor, TensorType } from '../graph.js';
import { isOp, operatorName } from '../opsets.js';
import { inferTypes } from '../shapes/index.js';
import { elementCount, float32, float32Values } from '../tensor.js';
import { producers, prune, useCounts } from '../traverse.js';
import { Additions } from './additions.js';
import { type Affine, affineOfBatchNorm } from './affine.js';
import { constantResolver } from './constants.js';
import { foldIntoProducts } from './fold-into-products.js';

type Resolve = ReturnType<typeof constantResolver>;

/** A node y = W x + b whose parameters are constants, with `channels` output channels on axis 1. */
interface Linear {
  readonly channels: number;
  /** The rank of its output. */
  readonly rank: number;
  /** The node with each channel's weights times `scale`, and its bias times `scale` plus `shift`. */
  fold(affine: Affine, output: string, constant: (like: string, t: Tensor) => string): Node;
}

/**
 * The model with every batch normalisation in inference form, and every Mul, Add, Sub or Div by a constant per channel,
 * folded into the Conv, Gemm or MatMul before it, if nothing else reads the value in between; remaining batch
 * normalisations are folded into the products after them (`foldIntoProducts`). Results differ by rounding only. Graphs
 * inside If and Loop are unchanged.
 */
export function foldBatchNorm(model: Model): Model {
  let { graph } = model;
  for (;;) {
    const next = foldOnce({ ...model, graph });
    if (next === graph) return { ...model, graph: prune(foldIntoProducts({ ...model, graph })) };
    graph = next;
  }
}

/** Folds every pair of neighbours once; returns the same graph if there is none. */
function foldOnce(model: Model): Graph {
  const { graph } = model;
  const resolve = constantResolver(graph);
  const made = producers(graph);
  const uses = useCounts(graph);
  const types = inferTypes(model);
  const additions = new Additions(graph);
  const constant = (like: string, t: Tensor) => additions.constant({ ...t, name: `${like}.folded` });
  const replaced = new Map<Node, Node | undefined>();
  for (const node of graph.nodes) {
    for (const input of affineInputs(node)) {
      const before = made.get(input);
      if (before === undefined || replaced.has(before) || replaced.has(node)) continue;
      if (before.outputs.length !== 1 || uses.get(input) !== 1) continue;
      const linear = linearOf(before, resolve, types);
      const affine = linear && affineOf(node, input, linear, resolve);
      if (linear === undefined || affine === undefined) continue;
      replaced.set(before, linear.fold(affine, node.outputs[0]!, constant));
      replaced.set(node, undefined);
    }
  }
  if (replaced.size === 0) return graph;
  return {
    ...graph,
    nodes: graph.nodes.flatMap((node) => (replaced.has(node) ? (replaced.get(node) ?? []) : node)),
    initializers: additions.initializers,
  };
}

/** The inputs that may be the x of an affine map. */
function affineInputs(node: Node): readonly string[] {
  if (isOp(node, 'BatchNormalization', 'Sub', 'Div')) return node.inputs.slice(0, 1);
  return isOp(node, 'Mul', 'Add') ? node.inputs : [];
}

function affineOf(node: Node, input: string, linear: Linear, resolve: Resolve): Affine | undefined {
  const { channels } = linear;
  if (node.op === 'BatchNormalization') return affineOfBatchNorm(node, channels, resolve);
  const other = node.inputs[0] === input ? node.inputs[1] : node.inputs[0];
  const values = perChannel(resolve(other), linear);
  if (values === undefined) return undefined;
  const all = (value: number) => new Float64Array(channels).fill(value);
  switch (node.op) {
    case 'Mul':
      return { input, scale: values, shift: all(0) };
    case 'Div':
      return { input, scale: Float64Array.from(values, (v) => 1 / v), shift: all(0) };
    case 'Add':
      return { input, scale: all(1), shift: values };
    default:
      return { input, scale: all(1), shift: Float64Array.from(values, (v) => -v) };
  }
}

/** The numbers of a constant that broadcasts along axis 1 only; undefined for any other. */
function perChannel(t: Tensor | undefined, { channels, rank }: Linear): ArrayLike<number> | undefined {
  if (t?.dtype !== 'float32' || t.dims.length > rank) return undefined;
  const values = float32Values(t);
  if (values.length === 1) return new Float64Array(channels).fill(values[0]!);
  const axis = t.dims.length - rank + 1;
  return t.dims.every((d, i) => d === (i === axis ? channels : 1)) ? values : undefined;
}

function linearOf(node: Node, resolve: Resolve, types: ReadonlyMap<string, TensorType>): Linear | undefined {
  const weights = resolve(node.inputs[1]);
  if (weights?.dtype !== 'float32') return undefined;
  switch (operatorName(node)) {
    case 'Conv':
      return convolution(node, weights, resolve);
    case 'Gemm':
      return matrix(node, weights, intAttribute(node, 'transB', 0) === 1, resolve);
    case 'MatMul':
      return types.get(node.inputs[0]!)?.shape?.length === 2
        ? matrix(node, weights, false, resolve)
        : undefined;
    default:
      return undefined;
  }
}

/** The first axis of a convolution's weights is the output channel, whatever its groups. */
function convolution(node: Node, weights: Tensor, resolve: Resolve): Linear | undefined {
  const channels = weights.dims[0]!;
  const bias = resolve(node.inputs[2]);
  if (node.inputs[2] && bias?.dtype !== 'float32') return undefined;
  return {
    channels,
    rank: weights.dims.length,
    fold(affine, output, constant) {
      const each = elementCount(weights.dims) / channels;
      const w = scaled(weights, affine.scale, (i) => Math.floor(i / each));
      const b = shifted(bias && float32Values(bias), affine);
      const inputs = [
        node.inputs[0]!,
        constant(node.inputs[1]!, w),
        constant(node.inputs[2] || node.outputs[0]!, b),
      ];
      return { ...node, inputs, outputs: [output] };
    },
  };
}

/** A · B + C with a constant matrix B and a C that is the same for every row. Gemm's beta goes into C. */
function matrix(node: Node, weights: Tensor, transposed: boolean, resolve: Resolve): Linear | undefined {
  if (weights.dims.length !== 2) return undefined;
  const [rows, columns] = weights.dims as [number, number];
  const channels = transposed ? rows : columns;
  const addend = node.op === 'Gemm' ? node.inputs[2] : undefined;
  const bias = resolve(addend);
  const row: Shape | undefined = bias?.dims;
  const perRow = row?.every((d, i) => d === 1 || (d === channels && i === row.length - 1));
  if (addend && (bias?.dtype !== 'float32' || !perRow)) return undefined;
  const beta = floatAttribute(node, 'beta', 1);
  return {
    channels,
    rank: 2,
    fold(affine, output, constant) {
      const w = scaled(weights, affine.scale, (i) => (transposed ? Math.floor(i / columns) : i % columns));
      const values = bias && float32Values(bias);
      const b = shifted(
        values &&
          Float64Array.from({ length: channels }, (_, c) => beta * values[values.length === 1 ? 0 : c]!),
        affine,
      );
      const attributes = new Map(node.attributes);
      if (attributes.has('beta')) attributes.set('beta', float(1));
      return {
        ...node,
        op: 'Gemm',
        inputs: [node.inputs[0]!, constant(node.inputs[1]!, w), constant(addend || node.outputs[0]!, b)],
        outputs: [output],
        attributes,
      };
    },
  };
}

function scaled(t: Tensor, scale: ArrayLike<number>, channel: (i: number) => number): Tensor {
  return float32(
    '',
    t.dims,
    float32Values(t).map((v, i) => v * scale[channel(i)]!),
  );
}

function shifted(bias: ArrayLike<number> | undefined, { scale, shift }: Affine): Tensor {
  return float32(
    '',
    [shift.length],
    Float32Array.from(shift, (s, c) => (bias?.[c] ?? 0) * scale[c]! + s),
  );
}
