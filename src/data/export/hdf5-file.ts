/** Writing HDF5 files: datasets row by row, the same bytes each time, errors in one sentence. */
import { writeFile } from 'node:fs/promises';
import type { Dataset, File } from 'h5wasm/node';
import { hdf5Reason, loadHdf5 } from '../formats/hdf5.js';
import { DataError } from '../types.js';
import { writeExport } from './write-export.js';

/** The system's words for a full disk, as the library reports them. */
const DISK_FULL = 'No space left on device';

/** Rows of a dataset. */
export interface Content {
  readonly values: Uint8Array | Int8Array | Float32Array | string[];
  readonly type: string;
  /** Of one row. */
  readonly shape: readonly number[];
  /** Rows in a chunk. */
  readonly chunk: number;
}

/**
 * Makes a file, under a temporary name until `write` is done.
 * @throws DataError if the file is there already, or the disk does not take it.
 */
export async function writeHdf5(
  path: string,
  overwrite: boolean,
  write: (file: File) => Promise<void>,
): Promise<void> {
  const library = await loadHdf5();
  await writeExport(path, overwrite, async (partial) => {
    // Made here, so that the system's refusal has its own words.
    await writeFile(partial, '', { flag: 'wx' });
    const file = attempt(path, () => new library.File(partial, 'w'));
    try {
      await write(file);
    } catch (error) {
      // Errors on closing are consequences of the earlier error.
      try {
        file.close();
      } catch {}
      throw error;
    }
    attempt(path, () => file.close());
  });
}

/** A dataset written sequentially. */
export class Column {
  private readonly dataset: Dataset;

  constructor(file: File, name: string, length: number, first: Content) {
    const { values, type, shape, chunk } = first;
    const count = values.length / shape.reduce((product, side) => product * side, 1);
    this.dataset = file.create_dataset({
      name,
      data: values,
      dtype: type,
      shape: [count, ...shape],
      maxshape: [length, ...shape],
      chunks: [Math.min(chunk, length), ...shape],
    });
    // All chunks are allocated only when they are written.
    this.dataset.resize([length, ...shape]);
  }

  write(start: number, count: number, { values, shape }: Content): void {
    this.dataset.write_slice([[start, start + count], ...shape.map((): [] => [])], values);
  }
}

/**
 * Calls the library and converts its errors. It writes the current time into every dataset, without an option to omit
 * it, so the same store would give different bytes each time. The call is synchronous, so nothing else sees the fixed
 * clock set for it.
 */
export function attempt<T>(path: string, action: () => T): T {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return action();
  } catch (error) {
    const reason = hdf5Reason(error);
    const problem = `it cannot be written: ${reason === DISK_FULL ? 'the disk is full' : reason}`;
    throw new DataError({ subject: path, problem }, { kind: 'failed', cause: error });
  } finally {
    Date.now = now;
  }
}
