/** Inputs and outputs of a run: plain data, independent of the ONNX Runtime used. */

export interface Tensor {
  /** ONNX Runtime's name of the elements' type, such as `float32`. */
  readonly type: string;
  readonly dims: readonly number[];
  /** The elements in row-major order. Values on a GPU cannot be read. */
  readonly data: unknown;
  /** Frees a value on a GPU. */
  dispose?(): void;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** A float32 tensor over `data`, which is not copied. */
export function floatTensor(data: Float32Array, shape: readonly number[]): Tensor {
  return { type: 'float32', dims: shape, data };
}

/** A uint8 tensor over `data`, which is not copied. */
export function byteTensor(data: Uint8Array, shape: readonly number[]): Tensor {
  return { type: 'uint8', dims: shape, data };
}

/** The elements of a float32 tensor on the CPU. */
export function floatData(tensor: Tensor): Float32Array {
  return tensor.data as Float32Array;
}
