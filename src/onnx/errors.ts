/** Thrown where bytes are not an ONNX model, or one that cannot be written. */
export class OnnxFormatError extends Error {
  override name = 'OnnxFormatError';
}

/** Thrown where a graph contradicts itself or an operator's definition. The message names operator and node. */
export class GraphError extends Error {
  override name = 'GraphError';
}

/** Thrown where shapes or types contradict an operator. The message names operator, node and shapes. */
export class ShapeError extends GraphError {
  override name = 'ShapeError';
}
