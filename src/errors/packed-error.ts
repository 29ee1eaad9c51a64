/** Passes errors between threads, workers or processes: a clone would lose their class and fields. */
import { AgewiseError } from './agewise-error.js';

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

/** Classes of errors by their names. */
export type ErrorClasses = Readonly<Record<string, { readonly prototype: Error }>>;

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

/**
 * The error, with the same name, message and fields.
 * @param classes those that it may be of; otherwise it is an AgewiseError or an Error
 */
export function unpackError(
  { name, message, stack, fields, expected }: PackedError,
  classes: ErrorClasses = {},
): Error {
  const error = new Error(message);
  const known = Object.hasOwn(classes, name) ? classes[name] : undefined;
  const { prototype } = known ?? (expected ? AgewiseError : Error);
  Object.setPrototypeOf(error, prototype);
  Object.assign(error, fields, stack !== undefined && { stack });
  if (error.name !== name) error.name = name;
  return error;
}
