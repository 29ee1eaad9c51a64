/** The protocol's tensors: element types, and values from JSON and from bytes. */
import { RequestError } from '../requests/index.js';

type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** A tensor's elements in row-major order; a list of byte arrays for `BYTES`. */
export type Elements = Numbers | readonly Uint8Array[];

interface NumberType {
  /** Views little-endian bytes as elements: all machines with a binary of ONNX Runtime are little-endian. */
  readonly fromBytes: (bytes: ArrayBuffer) => Numbers;
  readonly bytes: number;
  /** The element for a JSON value; undefined if the value is invalid. */
  readonly fromJson: (value: unknown) => number | bigint | undefined;
  readonly expected: string;
}

const whole = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : undefined;

const signed = (bits: number) => whole(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
const unsigned = (bits: number) => whole(0, 2 ** bits - 1);

/** Numbers in JSON are exact only up to 2^53. */
const safe = (least: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= least ? BigInt(value as number) : undefined;

const real = (value: unknown) => (typeof value === 'number' ? value : undefined);
const truth = (value: unknown) => (typeof value === 'boolean' ? Number(value) : undefined);

/** Element types of fixed size, with their sizes in bytes. */
const NUMBERS = {
  BOOL: type((b) => new Uint8Array(b), 1, truth, 'true or false'),
  UINT8: type((b) => new Uint8Array(b), 1, unsigned(8), 'a whole number of 8 bits'),
  UINT16: type((b) => new Uint16Array(b), 2, unsigned(16), 'a whole number of 16 bits'),
  UINT32: type((b) => new Uint32Array(b), 4, unsigned(32), 'a whole number of 32 bits'),
  UINT64: type((b) => new BigUint64Array(b), 8, safe(0), 'a whole number below 2^53'),
  INT8: type((b) => new Int8Array(b), 1, signed(8), 'an integer of 8 bits'),
  INT16: type((b) => new Int16Array(b), 2, signed(16), 'an integer of 16 bits'),
  INT32: type((b) => new Int32Array(b), 4, signed(32), 'an integer of 32 bits'),
  INT64: type((b) => new BigInt64Array(b), 8, safe(-(2 ** 53)), 'an integer below 2^53'),
  FP32: type((b) => new Float32Array(b), 4, real, 'a number'),
  FP64: type((b) => new Float64Array(b), 8, real, 'a number'),
} as const satisfies Record<string, NumberType>;

function type(
  fromBytes: NumberType['fromBytes'],
  bytes: number,
  fromJson: NumberType['fromJson'],
  expected: string,
): NumberType {
  return { fromBytes, bytes, fromJson, expected };
}

export type Datatype = keyof typeof NUMBERS | 'BYTES';

/** The name, type and shape of an input or output. */
export interface TensorFacts {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 stands for any length. */
  readonly shape: readonly number[];
}

export const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The size in bytes of the length before each element of `BYTES`. */
const LENGTH_BYTES = 4;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Elements from a JSON array, nested like the shape or flat. Those of `BYTES` are base64, since JSON has no bytes.
 * @throws RequestError if their count or a value is wrong
 */
export function fromJson(data: unknown, { name, datatype }: TensorFacts, shape: readonly number[]): Elements {
  const values = flat(data, name, shape);
  if (datatype === 'BYTES') return values.map((value) => bytesOf(value, name));
  const { fromBytes, bytes, fromJson, expected } = NUMBERS[datatype];
  const elements = fromBytes(new ArrayBuffer(values.length * bytes));
  values.forEach((value, i) => {
    const element = fromJson(value);
    if (element === undefined) throw wrong(`${name}, element ${i}`, expected, shown(value));
    elements[i] = element;
  });
  return elements;
}

/**
 * Elements from their binary form: without gaps; for `BYTES` each after its length in 32 bits.
 * @throws RequestError unless the bytes hold exactly as many elements as the shape
 */
export function fromBinary(
  data: Uint8Array,
  { name, datatype }: TensorFacts,
  shape: readonly number[],
): Elements {
  const count = elementCount(shape);
  if (datatype === 'BYTES') return chunks(data, name, count);
  const { fromBytes, bytes } = NUMBERS[datatype];
  if (data.length !== count * bytes) {
    throw wrong(name, `${count * bytes} bytes of binary data for its shape`, `${data.length}`);
  }
  if (datatype === 'BOOL' && data.some((byte) => byte > 1)) throw wrong(name, 'bytes of 0 and 1', 'others');
  // Copied for alignment.
  return fromBytes(Uint8Array.from(data).buffer);
}

function chunks(data: Uint8Array, name: string, count: number): Uint8Array[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (elements.length < count && at + LENGTH_BYTES <= data.length) {
    const end = at + LENGTH_BYTES + view.getUint32(at, true);
    if (end > data.length) break;
    elements.push(data.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  if (elements.length < count || at < data.length) {
    throw wrong(name, `${count} elements that fill its binary data, each after its length`, 'others');
  }
  return elements;
}

function flat(data: unknown, name: string, shape: readonly number[]): readonly unknown[] {
  if (!Array.isArray(data)) throw wrong(name, 'a list as its data', shown(data));
  const count = elementCount(shape);
  if (shape.length < 2 || !Array.isArray(data[0])) {
    if (data.length !== count) throw wrong(name, `${count} elements for its shape`, `${data.length}`);
    return data;
  }
  let level: readonly unknown[] = [data];
  for (const side of shape) {
    if (!level.every((list) => Array.isArray(list) && list.length === side)) {
      throw wrong(name, `lists nested as its shape, [${shape.join(', ')}]`, 'others');
    }
    level = level.flat(1);
  }
  return level;
}

function bytesOf(value: unknown, name: string): Uint8Array {
  if (typeof value !== 'string' || value.length % 4 !== 0 || !BASE64.test(value)) {
    throw wrong(name, 'base64 for each of its elements; binary data need none', shown(value));
  }
  return Buffer.from(value, 'base64');
}

const LONGEST_SHOWN = 40;

export function shown(value: unknown): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** @throws nothing; it makes what is thrown */
export const wrong = (subject: string, expected: string, found: string): RequestError =>
  new RequestError(400, { subject, expected, found });
