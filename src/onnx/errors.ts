import { AgewiseError } from '../errors/index.js';

/** Thrown if bytes are not an ONNX model, or a model cannot be written. */
export class OnnxFormatError extends AgewiseError {
  override readonly name = 'OnnxFormatError';
}

/** Thrown if a graph contradicts itself or an operator's definition. The message names operator and node. */
export class GraphError extends AgewiseError {
  override readonly name: string = 'GraphError';
}

/** Thrown if shapes or types contradict an operator. The message names operator, node and shapes. */
export class ShapeError extends GraphError {
  override name = 'ShapeError';
}
