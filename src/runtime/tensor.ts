/** Values that go into a run and come out of it: plain data, whichever ONNX Runtime reads it. */

export interface Tensor {
  /** ONNX Runtime's name of the elements' type, such as `float32`. */
  readonly type: string;
  readonly dims: readonly number[];
  /** The elements, row by row. Those of a value that lies on a GPU cannot be read. */
  readonly data: unknown;
  /** Frees a value that lies on a GPU. */
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

/** An int64 tensor of one dimension, as operators take sizes. */
export function sizeTensor(values: readonly number[]): Tensor {
  return { type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** The elements of a float32 tensor that lies on the CPU. */
export function floatData(tensor: Tensor): Float32Array {
  return tensor.data as Float32Array;
}
