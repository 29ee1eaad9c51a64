/** Which constants of somebody else's network can be trained. */
import type { Graph, Node } from '../../onnx/index.js';
import { operatorName, producers } from '../../onnx/index.js';

/** By operator, the inputs that are weights if constant. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  PRelu: [1],
  LSTM: [1, 2, 3],
};

/** Operators that may shift or scale by a weight: exporters write biases and norms in this form. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Operators that a weight may pass through before its operator. */
const SHAPING = new Set(['Identity', 'Transpose', 'Reshape', 'Unsqueeze', 'Squeeze', 'Expand']);

/**
 * The names of the float32 initializers that are weights, in order from input to output, excluding running statistics,
 * limits and other settings, scalar factors and offsets, and preprocessing before the first layer (means, deviations).
 */
export function trainableParameters(graph: Graph): string[] {
  const made = producers(graph);
  const found = new Set<string>();
  const weighed = new Set<string>();

  const constantBehind = (value: string | undefined): string | undefined => {
    let name = value;
    while (name !== undefined && graph.initializers.get(name)?.dtype !== 'float32') {
      const node: Node | undefined = made.get(name);
      name = node && SHAPING.has(operatorName(node)) ? node.inputs[0] : undefined;
    }
    return name;
  };
  const weightsOf = (node: Node): string[] => {
    const operator = operatorName(node);
    const elementwise = ELEMENTWISE.has(operator) && node.inputs.some((name) => weighed.has(name));
    const places = elementwise ? [0, 1] : (WEIGHTS[operator] ?? []);
    const names = places.flatMap((i) => constantBehind(node.inputs[i]) ?? []);
    return elementwise ? names.filter((name) => graph.initializers.get(name)!.data.length > 4) : names;
  };

  for (const node of graph.nodes) {
    const names = weightsOf(node);
    for (const name of names) found.add(name);
    if (names.length > 0 || node.inputs.some((name) => weighed.has(name))) {
      for (const name of node.outputs) weighed.add(name);
    }
  }
  return [...found];
}
