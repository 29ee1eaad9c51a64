/** MATLAB files as data sets use them: structs whose fields are columns of one length. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MatArray } from '../../formats/mat/array.js';
import { MatFile } from '../../formats/mat/file.js';
import { DataError } from '../../types.js';

/**
 * The file that `source` is, or the first of `places` below it.
 * @throws DataError if there is none.
 */
export function findFile(source: string, places: readonly string[]): string {
  if (!existsSync(source)) throw new DataError(`${source}: expected ${places[0]}, found nothing there`);
  if (statSync(source).isFile()) return source;
  const place = places.find((candidate) => existsSync(join(source, candidate)));
  if (place) return join(source, place);
  throw new DataError(`${source}: expected ${places.join(' or ')} in it, found none`);
}

/** Opens a file while its readings are iterated. */
export async function* withMatFile<T>(
  path: string,
  use: (file: MatFile) => AsyncIterable<T>,
): AsyncIterable<T> {
  const file = MatFile.open(path);
  try {
    yield* use(file);
  } finally {
    file.close();
  }
}

/**
 * A column of `length` numbers, stored as a row or a column.
 * @throws DataError if it has another length.
 */
export function numberColumn(table: MatArray, name: string, length: number): Float64Array {
  return ofLength(table.field(name), length).numbers();
}

/** As `numberColumn`, a column of cells. */
export const cellColumn = (table: MatArray, name: string, length: number): MatArray =>
  ofLength(table.field(name), length);

function ofLength(column: MatArray, length: number): MatArray {
  if (column.length === length) return column;
  throw new DataError(`${column.where}: expected ${length} rows, found ${column.description}`);
}
