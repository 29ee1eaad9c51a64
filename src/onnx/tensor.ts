/** Constants: making them from numbers and reading numbers from them. */
import { GraphError } from './errors.js';
import { fromFloat16Bits, toFloat16Bits } from './float16.js';
import type { DataType, Tensor } from './graph.js';

/** Element types with a JavaScript typed array; float16 and bool as their bits. */
const TYPED_ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

export type NumericType = keyof typeof TYPED_ARRAYS;
export type TypedArray<T extends NumericType = NumericType> = InstanceType<(typeof TYPED_ARRAYS)[T]>;

const isNumeric = (dtype: DataType): dtype is NumericType => dtype in TYPED_ARRAYS;

/** Bits of one element, or undefined for strings, which have no fixed size. */
export function bitsPerElement(dtype: DataType): number | undefined {
  if (isNumeric(dtype)) return 8 * TYPED_ARRAYS[dtype].BYTES_PER_ELEMENT;
  if (dtype.startsWith('float8')) return 8;
  if (dtype === 'uint4' || dtype === 'int4' || dtype === 'float4e2m1') return 4;
  if (dtype === 'complex64') return 64;
  if (dtype === 'complex128') return 128;
  return undefined;
}

/** The number of elements of a shape; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, d) => product * d, 1);
}

/**
 * A constant from numbers in row-major order. `float16` rounds to nearest even; `int64` and `uint64` also accept
 * numbers. An array of the type's own kind, such as a Float32Array for `float32`, is not copied.
 * @throws RangeError if the number of values contradicts the shape.
 * @throws TypeError for a type without a JavaScript array.
 */
export function tensor(
  name: string,
  dtype: DataType,
  dims: readonly number[],
  values: ArrayLike<number> | ArrayLike<bigint>,
): Tensor {
  const count = elementCount(dims);
  if (values.length !== count) {
    throw new RangeError(
      `Tensor '${name}' of shape [${dims.join(', ')}] needs ${count} values, found ${values.length}`,
    );
  }
  if (!isNumeric(dtype)) throw new TypeError(`Tensor '${name}' of type ${dtype} is not made of numbers`);
  const array = toTypedArray(dtype, values);
  return {
    name,
    dtype,
    dims: [...dims],
    data: new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  };
}

function toTypedArray(dtype: NumericType, values: ArrayLike<number> | ArrayLike<bigint>): TypedArray {
  const type = TYPED_ARRAYS[dtype];
  const half = dtype === 'float16' && !(values instanceof Uint16Array);
  if (values instanceof type && !half) return values as TypedArray;
  const array = new type(values.length);
  if (dtype === 'bfloat16') throw new TypeError('A bfloat16 tensor takes its bits as a Uint16Array');
  if (half) for (let i = 0; i < values.length; i++) array[i] = toFloat16Bits(Number(values[i]));
  else if (array instanceof BigInt64Array || array instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) array[i] = BigInt(values[i]!);
  } else for (let i = 0; i < values.length; i++) array[i] = Number(values[i]);
  return array;
}

/** A float32 constant. */
export const float32 = (name: string, dims: readonly number[], values: ArrayLike<number>): Tensor =>
  tensor(name, 'float32', dims, values);

/** A one-dimensional int64 constant, for axes, shapes and pads. */
export const int64s = (name: string, values: readonly number[]): Tensor =>
  tensor(name, 'int64', [values.length], values);

/**
 * The elements as a typed array of the type's own kind (float16 and bfloat16 as their bits, bool as bytes). A view on
 * the constant's bytes if they are aligned, otherwise a copy.
 * @throws GraphError for strings, complex numbers and types of 8 bits and fewer that JavaScript lacks.
 */
export function tensorValues(t: Tensor): TypedArray {
  if (!isNumeric(t.dtype)) {
    throw new GraphError(`Tensor '${t.name}' of type ${t.dtype} has no JavaScript array for its elements`);
  }
  const type = TYPED_ARRAYS[t.dtype];
  const size = type.BYTES_PER_ELEMENT;
  // Not slice(): on a Node Buffer that would make another unaligned view.
  const aligned = t.data.byteOffset % size === 0 ? t.data : new Uint8Array(t.data);
  return new type(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size);
}

/** The elements as float32, converted from any floating-point or integer type. A view if possible. */
export function float32Values(t: Tensor): Float32Array {
  const values = tensorValues(t);
  if (values instanceof Float32Array) return values;
  if (t.dtype === 'float16') return Float32Array.from(values as Uint16Array, fromFloat16Bits);
  if (t.dtype === 'bfloat16') {
    return new Float32Array(Uint32Array.from(values as Uint16Array, (bits) => bits << 16).buffer);
  }
  return Float32Array.from(values as ArrayLike<number | bigint>, Number);
}

/** The elements of an integer or bool constant as numbers, for shapes, axes and pads. */
export function integerValues(t: Tensor): number[] {
  return Array.from(tensorValues(t) as ArrayLike<number | bigint>, Number);
}
