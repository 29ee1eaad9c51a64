/**
 * The graph: the one representation of a network. Builders make it, autodiff differentiates it, ONNX Runtime executes
 * it and `.onnx` files store it. Plain data, without behaviour.
 *
 * Each part has a `rest`: the protobuf fields that are not interpreted here (documentation strings, local functions,
 * quantisation notes, ...), kept byte for byte, so that reading and writing a file preserves it. Terms and field
 * meanings: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** Element types by their names in ONNX, with the number that `TensorProto.DataType` gives them. */
export const DATA_TYPES = {
  undefined: 0,
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
} as const;

export type DataType = keyof typeof DATA_TYPES;

/** A dimension: a number, a name (the same name is the same size), or null if unknown. */
export type Dim = number | string | null;

/** A shape: its dimensions, outermost first; undefined if not even the rank is known. */
export type Shape = readonly Dim[];

/** An element type and a shape. */
export interface TensorType {
  readonly dtype: DataType;
  readonly shape: Shape | undefined;
}

/**
 * A constant. `data` holds the elements in row-major order as little-endian bytes (4-bit types packed two to a byte);
 * strings, which have no fixed size, are in `strings` instead.
 */
export interface Tensor {
  readonly name: string;
  readonly dtype: DataType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
  readonly strings?: readonly Uint8Array[];
  readonly rest?: Uint8Array;
}

/** A named value with its type: an input, an output or an inner value. */
export interface ValueInfo {
  readonly name: string;
  /** Undefined for sequences, maps and optionals. */
  readonly type: TensorType | undefined;
  /** The type as in the file, if that says more than `type`. */
  readonly fullType?: Uint8Array | undefined;
  readonly rest?: Uint8Array;
}

/** An attribute of a node. Integers are numbers if a double represents them exactly, otherwise bigints. */
export type AttributeValue =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'string'; readonly value: Uint8Array }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly (number | bigint)[] }
  | { readonly kind: 'strings'; readonly value: readonly Uint8Array[] }
  | { readonly kind: 'graphs'; readonly value: readonly Graph[] }
  /** A kind not interpreted here (tensors, sparse tensors, type protos, a function's reference). */
  | { readonly kind: 'other' };

export type Attribute = AttributeValue & { readonly rest?: Uint8Array };

/** An application of an operator. An omitted input is the empty name. */
export interface Node {
  readonly name: string;
  readonly domain: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly rest?: Uint8Array;
}

/** Nodes in topological order, with inputs, outputs and constants. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly valueInfo: ReadonlyMap<string, ValueInfo>;
  readonly rest?: Uint8Array;
}

/** A graph with the operator sets it is written in ('' is ONNX's own) and its metadata properties. */
export interface Model {
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly metadata: ReadonlyMap<string, string>;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly rest?: Uint8Array;
}
