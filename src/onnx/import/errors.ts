import { AgewiseError } from '../../errors/index.js';
import { GraphError } from '../errors.js';

/** Thrown if a file cannot be converted to an ONNX graph because it is damaged or uses unsupported features. */
export class ImportError extends AgewiseError {
  override readonly name = 'ImportError';
}

/** The error for an operator that has no translation, or an unsupported use of one. */
export function unsupported(operator: string, name: string, what: string): ImportError {
  return new ImportError(`Operator ${operator} '${name}' cannot be imported: ${what}`);
}

/**
 * Runs `run` on a file and converts its errors.
 * @param file its kind, in words
 * @throws ImportError if the file is inconsistent: invalid offsets, shapes that do not match.
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
