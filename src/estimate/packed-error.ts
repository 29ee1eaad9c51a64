/** Passes errors between threads or workers: a clone would lose their class and fields. */
import { AgewiseError } from '../errors/index.js';
import { MetadataError } from '../metadata/index.js';
import { OnnxFormatError } from '../onnx/index.js';
import { ModelFileError } from '../registry/index.js';
import { RuntimeError } from '../runtime/index.js';
import { ImageError } from '../vision/index.js';

/** An error as plain data. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its other fields. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether a user may have caused it. */
  readonly expected: boolean;
}

const CLASSES: Readonly<Record<string, { readonly prototype: Error }>> = {
  ImageError,
  MetadataError,
  ModelFileError,
  OnnxFormatError,
  RangeError,
  RuntimeError,
  TypeError,
};

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return packError(new Error(String(error)));
  const { name, message, stack, cause: _, ...fields } = error;
  const plain = Object.entries(fields).filter(([, value]) => typeof value !== 'object');
  return {
    name,
    message,
    stack,
    fields: Object.fromEntries(plain),
    expected: error instanceof AgewiseError,
  };
}

export function unpackError({ name, message, stack, fields, expected }: PackedError): Error {
  const error = new Error(message);
  const known = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  const { prototype } = known ?? (expected ? AgewiseError : Error);
  Object.setPrototypeOf(error, prototype);
  Object.assign(error, fields, stack !== undefined && { stack });
  if (error.name !== name) error.name = name;
  return error;
}
