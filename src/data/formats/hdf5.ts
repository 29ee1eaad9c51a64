/** HDF5 files by h5wasm, with its errors in one sentence. */
import type { File } from 'h5wasm/node';
import { notAFileAt } from '../../files/index.js';
import { DataError } from '../types.js';

/** An array of rows, read a stretch at a time. */
export interface Hdf5Rows {
  /** Rows first. */
  readonly shape: readonly number[];
  /** Rows `start..end`, in row-major order. */
  read(start: number, end: number): Uint8Array;
}

export class Hdf5File {
  private constructor(
    readonly path: string,
    private readonly file: File,
    private readonly library: Hdf5Library,
    /** The names in the file's root group. */
    readonly names: readonly string[],
  ) {}

  /** @throws DataError for what is not an HDF5 file, and for one that ends too early. */
  static async open(path: string): Promise<Hdf5File> {
    const found = await notAFileAt(path);
    if (found !== undefined) throw new DataError(`${path}: expected an HDF5 file, found ${found}`);
    const library = await loadHdf5();
    return attempt(path, 'an HDF5 file', () => {
      const file = new library.File(path, 'r');
      return new Hdf5File(path, file, library, file.keys());
    });
  }

  /**
   * A dataset of bytes.
   * @throws DataError if there is none of the name, or it is not made of unsigned bytes.
   */
  rows(name: string): Hdf5Rows {
    const where = `${this.path}: ${name}`;
    const dataset = attempt(where, 'a dataset', () =>
      this.names.includes(name) ? this.file.get(name) : null,
    );
    if (!(dataset instanceof this.library.Dataset)) {
      throw new DataError(
        `${this.path}: expected a dataset ${name}, found ${this.names.join(', ') || 'none'}`,
      );
    }
    const { shape, type, size, signed } = attempt(where, 'a dataset', () => dataset.metadata);
    if (!shape || type !== INTEGER || size !== 1 || signed) {
      const found = attempt(where, 'a type', () => String(dataset.dtype));
      throw new DataError(`${where}: expected numbers of type uint8, found ${found}`);
    }
    const rest = shape.slice(1).map((): [] => []);
    return {
      shape,
      read: (start, end) =>
        attempt(where, `rows ${start} to ${end}`, () => dataset.slice([[start, end], ...rest]) as Uint8Array),
    };
  }

  close(): void {
    this.file.close();
  }
}

/** Calls the library and converts its errors to one sentence with place and reason. */
function attempt<T>(where: string, expected: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new DataError(`${where}: expected ${expected}, found ${hdf5Reason(error)}`);
  }
}

/** H5T_INTEGER of the library's H5T_class_t. */
const INTEGER = 0;

export type Hdf5Library = typeof import('h5wasm/node');

/**
 * Loads the library and makes it throw errors instead of printing them. Compiling it takes some 400 MiB, so it is
 * loaded only when needed.
 */
export async function loadHdf5(): Promise<Hdf5Library> {
  const library = await import('h5wasm/node');
  const module = await library.ready;
  module.activate_throwing_error_handler();
  return library;
}

/**
 * The cause of an error of the library: what the system said, or the last entry of its stack, `#006: ... in
 * H5F__super_read(): file signature not found`.
 */
export function hdf5Reason(error: unknown): string {
  const { message } = error as Error;
  const system = /error message = '([^']+)'/.exec(message);
  const causes = [...message.matchAll(/^\s*#\d+: .* in \w+\(\): (.*)$/gm)];
  return system?.[1] ?? causes.at(-1)?.[1] ?? message;
}
