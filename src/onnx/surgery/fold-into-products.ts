/**
 * Folds inference batch normalisation into products with constant matrices after it, as between pooled features and
 * heads: W (s · x + t) + b = (W · diag(s)) x + (W t + b).
 */
import { float, floatAttribute, intAttribute } from '../attributes.js';
import type { Graph, Model, Node, Tensor } from '../graph.js';
import { isOp } from '../opsets.js';
import { inferTypes } from '../shapes/index.js';
import { float32, float32Values } from '../tensor.js';
import { useCounts } from '../traverse.js';
import { Additions } from './additions.js';
import { type Affine, affineOfBatchNorm } from './affine.js';
import { constantResolver } from './constants.js';

type Resolve = ReturnType<typeof constantResolver>;

/** A node y = α · x B + β · c with B `[F, K]`, or `[K, F]` if transposed, and an optional c, the same for every row. */
interface Product {
  readonly node: Node;
  readonly matrix: Tensor;
  readonly transposed: boolean;
  readonly addend: Tensor | undefined;
}

/** The graph with every batch normalisation of `[N, F]` folded into its readers, if all are such products. */
export function foldIntoProducts(model: Model): Graph {
  const { graph } = model;
  const resolve = constantResolver(graph);
  const uses = useCounts(graph);
  const types = inferTypes(model);
  const additions = new Additions(graph);
  const replaced = new Map<Node, readonly Node[]>();
  for (const norm of graph.nodes.filter((n) => isOp(n, 'BatchNormalization'))) {
    const shape = types.get(norm.inputs[0]!)?.shape;
    const features = shape?.length === 2 ? shape[1] : undefined;
    const affine = typeof features === 'number' ? affineOfBatchNorm(norm, features, resolve) : undefined;
    if (affine === undefined) continue;
    const readers = graph.nodes.filter((n) => n.inputs.includes(norm.outputs[0]!));
    const products = readers.flatMap((n) => productOf(n, norm.outputs[0]!, resolve) ?? []);
    const alone = products.length === readers.length && uses.get(norm.outputs[0]!) === readers.length;
    if (!alone || readers.length === 0) continue;
    replaced.set(norm, []);
    for (const product of products) replaced.set(product.node, [folded(product, affine, additions)]);
  }
  if (replaced.size === 0) return graph;
  return {
    ...graph,
    nodes: graph.nodes.flatMap((n) => replaced.get(n) ?? n),
    initializers: additions.initializers,
  };
}

function productOf(node: Node, x: string, resolve: Resolve): Product | undefined {
  if (!isOp(node, 'Gemm', 'MatMul') || node.inputs[0] !== x) return undefined;
  if (intAttribute(node, 'transA', 0) === 1) return undefined;
  const matrix = resolve(node.inputs[1]);
  if (matrix?.dtype !== 'float32' || matrix.dims.length !== 2) return undefined;
  const transposed = intAttribute(node, 'transB', 0) === 1;
  const outputs = matrix.dims[transposed ? 0 : 1]!;
  const name = node.inputs[2];
  const addend = resolve(name);
  const perOutput = addend?.dims.every((d, i, all) => d === 1 || (d === outputs && i === all.length - 1));
  if (name && !(addend?.dtype === 'float32' && perOutput)) return undefined;
  return { node, matrix, transposed, addend };
}

function folded({ node, matrix, transposed, addend }: Product, affine: Affine, additions: Additions): Node {
  const [rows, columns] = matrix.dims as [number, number];
  const [features, outputs] = transposed ? [columns, rows] : [rows, columns];
  const at = (f: number, k: number) => (transposed ? k * columns + f : f * columns + k);
  const before = float32Values(matrix);
  const weights = new Float32Array(before.length);
  const [alpha, beta] = [floatAttribute(node, 'alpha', 1), floatAttribute(node, 'beta', 1)];
  const added = addend && float32Values(addend);
  const shift = Float64Array.from({ length: outputs }, (_, k) =>
    added ? beta * added[added.length === 1 ? 0 : k]! : 0,
  );
  for (let f = 0; f < features; f++) {
    for (let k = 0; k < outputs; k++) {
      weights[at(f, k)] = before[at(f, k)]! * affine.scale[f]!;
      shift[k]! += alpha * before[at(f, k)]! * affine.shift[f]!;
    }
  }
  const constant = (like: string, dims: readonly number[], values: ArrayLike<number>) =>
    additions.constant(float32(`${like}.folded`, dims, values));
  const attributes = new Map(node.attributes);
  if (attributes.has('beta')) attributes.set('beta', float(1));
  const inputs = [
    affine.input,
    constant(node.inputs[1]!, matrix.dims, weights),
    constant(node.inputs[2] || node.outputs[0]!, [outputs], shift),
  ];
  return { ...node, op: 'Gemm', inputs, attributes };
}
