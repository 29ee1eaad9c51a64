import type { Graph, Node } from '../../onnx/index.js';

/** Operators that multiply by weights, and the inputs with weights. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1],
  ConvTranspose: [1],
  Gemm: [0, 1],
  MatMul: [0, 1],
  Einsum: [0, 1],
  LSTM: [1, 2],
  GRU: [1, 2],
  RNN: [1, 2],
};

/** Operators that pass weights through unchanged. */
const CARRIERS = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/**
 * The constants that a graph multiplies by in convolutions and matrix products. Only these get weight decay: biases,
 * and the scales and shifts of norms, do better without (He et al., "Bag of Tricks", CVPR 2019, section 3.1).
 */
export function weightsOfProducts(graph: Graph): ReadonlySet<string> {
  const found = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    const carries = CARRIERS.has(node.op) && node.outputs.some((name) => found.has(name));
    for (const i of carries ? [0] : weightInputs(node)) found.add(node.inputs[i] ?? '');
  }
  return found;
}

const weightInputs = (node: Node): readonly number[] => WEIGHT_INPUTS[node.op] ?? [];
