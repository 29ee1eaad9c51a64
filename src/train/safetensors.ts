/**
 * The safetensors format: a JSON header of names, types, shapes and offsets, then the bytes. Any framework reads it.
 * https://huggingface.co/docs/safetensors (format version of 2023, checked there).
 */
import * as z from 'zod';
import { AgewiseError } from '../errors/index.js';
import { bitsPerElement, type DataType, elementCount, type Tensor } from '../onnx/index.js';

/** Thrown if bytes are not a safetensors file that can be read here. */
export class SafetensorsError extends AgewiseError {
  override readonly name = 'SafetensorsError';
}

/** The header's own entry: text by key. */
const METADATA = '__metadata__';
const LENGTH_BYTES = 8;
/** The header is padded with spaces to a multiple of this, so that tensors are aligned. */
const ALIGNMENT = 8;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
type Entry = z.output<typeof entrySchema>;
const metadataSchema = z.record(z.string(), z.string());

/**
 * The bytes of a file that holds the tensors, in the given order, as consecutive parts: the header, then each tensor's
 * bytes.
 * @throws TypeError for an element type that the format lacks.
 */
export function safetensorsParts(
  tensors: Iterable<Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { [METADATA]: metadata } : {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const t of tensors) {
    const dtype = Object.keys(TYPES).find((type) => TYPES[type] === t.dtype);
    if (dtype === undefined) {
      throw new TypeError(
        `Tensor '${t.name}' is ${t.dtype}, one of ${Object.values(TYPES).join(', ')} is expected`,
      );
    }
    header[t.name] = { dtype, shape: t.dims, data_offsets: [offset, offset + t.data.length] };
    parts.push(t.data);
    offset += t.data.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const start = new Uint8Array(LENGTH_BYTES + headerLength).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerLength), true);
  start.set(text, LENGTH_BYTES);
  return [start, ...parts];
}

/** The same as one array. */
export function writeSafetensors(...file: Parameters<typeof safetensorsParts>): Uint8Array {
  const parts = safetensorsParts(...file);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** ONNX element types by those of the format. */
const TYPES: Readonly<Record<string, DataType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U32: 'uint32',
  U8: 'uint8',
  BOOL: 'bool',
};

/**
 * The tensors in the bytes of a file, as views on them.
 * @throws SafetensorsError if the bytes are cut off or malformed, or hold a type that ONNX lacks.
 */
export function readSafetensors(bytes: Uint8Array): {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
} {
  if (bytes.length < LENGTH_BYTES)
    throw new SafetensorsError(`A file of ${bytes.length} bytes has no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headerLength = Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + headerLength;
  if (start > bytes.length) {
    throw new SafetensorsError(
      `The header is said to have ${headerLength} bytes, the file has ${bytes.length}`,
    );
  }
  const { [METADATA]: metadata = {}, ...entries } = parseHeader(bytes.subarray(LENGTH_BYTES, start));
  const tensors = new Map<string, Tensor>();
  for (const [name, found] of Object.entries(entries)) {
    const entry = parsed(entrySchema, found, `The header's entry of tensor '${name}'`);
    tensors.set(name, readTensor(name, entry, bytes.subarray(start)));
  }
  return { tensors, metadata: parsed(metadataSchema, metadata, `The header's entry '${METADATA}'`) };
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, subject: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const place = path.length > 0 ? ` at '${path.join('.')}'` : '';
  throw new SafetensorsError({ subject, problem: `invalid${place}: ${message}` });
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new SafetensorsError(`The header is not JSON: ${(error as Error).message}`);
  }
  return parsed(z.record(z.string(), z.unknown()), header, 'The header');
}

function readTensor(
  name: string,
  { dtype, shape, data_offsets: [from, to] }: Entry,
  data: Uint8Array,
): Tensor {
  const type = TYPES[dtype];
  if (type === undefined) {
    throw new SafetensorsError(
      `Tensor '${name}' is ${dtype}, one of ${Object.keys(TYPES).join(', ')} is expected`,
    );
  }
  const size = (bitsPerElement(type)! / 8) * elementCount(shape);
  if (to - from !== size || to > data.length || from < 0) {
    throw new SafetensorsError(
      `Tensor '${name}' of shape [${shape.join(', ')}] needs ${size} bytes, found ${Math.min(to, data.length) - from}`,
    );
  }
  return { name, dtype: type, dims: shape, data: data.subarray(from, to) };
}
