import { AgewiseError } from '../../errors/index.js';
import { GraphError } from '../errors.js';

/** Thrown where a file cannot be turned into an ONNX graph: damaged, or using what is not supported. */
export class ImportError extends AgewiseError {
  override readonly name = 'ImportError';
}

/** The error for an operator that has no translation, or for a use of one that has none. */
export function unsupported(operator: string, name: string, what: string): ImportError {
  return new ImportError(`Operator ${operator} '${name}' cannot be imported: ${what}`);
}

/**
 * What `run` makes of a file.
 * @param file what it is, in words
 * @throws ImportError where the file contradicts itself: offsets that lead nowhere, shapes that do not fit.
 */
export function imported<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof GraphError || error instanceof RangeError || error instanceof TypeError) {
      throw new ImportError(`${file} is damaged: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
