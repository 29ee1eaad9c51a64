/** Label files in rows and columns: CSV (RFC 4180) and its relatives with semicolons, tabs or spaces. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { isRefusal, notAFileAt, reasonOf } from '../../../files/index.js';
import { DataError, type Reading } from '../../types.js';
import { badName } from './rejection.js';

const DELIMITERS = [',', ';', '\t'];

/** Headers are cut to this many characters in messages: a file that is not a table may be one long row. */
const SHOWN = 200;

/** The maximum length of a row: a file without line ends would fill the memory. */
const LONGEST_ROW = 2 ** 22;

/** Converts a row, given as trimmed cells by column name. `at` identifies rows without a picture: `labels.csv:12`. */
export type RowReader<C extends string> = (cells: Readonly<Record<C, string>>, at: string) => Reading;

export interface TableFormat<C extends string> {
  /** The columns to read. */
  readonly columns: readonly C[];
  /** One character; if left out what a first line `sep=` states, or the comma, semicolon or tab that gives the first row the most cells. */
  readonly delimiter?: string | undefined;
  /**
   * Whether the first row names the columns, as it does if this is left out. Otherwise they are `columns`, in this
   * order, and the first row is skipped or is an ordinary row.
   */
  readonly header?: 'names' | 'passed over' | 'none';
}

/**
 * Reads a label file as a stream and converts each row with `read`, in order. Empty lines are skipped; a row with the
 * wrong number of cells is a rejection.
 * @param name the file's, below `folder`
 * @throws DataError if the file cannot be read, lacks a column, or has a quote that does not end
 */
export async function* readRows<C extends string>(
  folder: string,
  name: string,
  { columns, delimiter, header = 'names' }: TableFormat<C>,
  read: RowReader<C>,
): AsyncIterable<Reading> {
  const file = join(folder, name);
  const inOrder = { length: columns.length, places: columns.map((column, i) => [column, i] as const) };
  let rows: RowForm<C> | undefined = header === 'none' ? inOrder : undefined;
  for await (const { line, cells } of readCells(file, delimiter)) {
    if (rows === undefined) {
      rows = header === 'names' ? formOf(file, columns, cells) : inOrder;
      continue;
    }
    const at = `${name}:${line}`;
    if (cells.length === rows.length) yield read(byName(rows, cells), at);
    else yield badName(at, `expected a row of ${rows.length} cells, found ${cells.length}`);
  }
  if (rows === undefined)
    throw new DataError(`${file}: expected a header with ${columns.join(', ')}, found nothing`);
}

export interface TableRow<C extends string> {
  /** The file and the line, for sentences: `split.csv:12`. */
  readonly at: string;
  readonly cells: Readonly<Record<C, string>>;
}

/**
 * The rows of a user's table with a header; all rows must be complete.
 * @param format optional columns are empty if the file lacks them; others are ignored
 * @throws DataError as `readRows`, and if a row has not as many cells as there are columns
 */
export async function* readTable<C extends string, O extends string>(
  file: string,
  { columns, optional }: Pick<TableFormat<C>, 'columns'> & { readonly optional: readonly O[] },
): AsyncIterable<TableRow<C | O>> {
  const empty = Object.fromEntries(optional.map((name) => [name, ''])) as Record<O, string>;
  let rows: RowForm<C | O> | undefined;
  for await (const { line, cells } of readCells(file)) {
    if (rows === undefined) {
      const found = optional.filter((name) => findColumn(file, cells, name) !== undefined);
      rows = formOf<C | O>(file, [...columns, ...found], cells);
      continue;
    }
    const at = `${file}:${line}`;
    if (cells.length !== rows.length) {
      throw new DataError(`${at}: expected a row of ${rows.length} cells, found ${cells.length}`);
    }
    yield { at, cells: { ...empty, ...byName(rows, cells) } };
  }
  if (rows === undefined)
    throw new DataError(`${file}: expected a header with ${columns.join(', ')}, found nothing`);
}

/** How many cells a row has, and where those of the columns are. */
interface RowForm<C extends string> {
  readonly length: number;
  readonly places: readonly (readonly [column: C, place: number])[];
}

function byName<C extends string>({ places }: RowForm<C>, cells: readonly string[]): Record<C, string> {
  return Object.fromEntries(places.map(([column, place]) => [column, cells[place]])) as Record<C, string>;
}

/**
 * The place of a column in a header, whose names may be in capitals; undefined if there is none.
 * @throws DataError if there are two, also if they differ in capitals
 */
export function findColumn(file: string, header: readonly string[], column: string): number | undefined {
  const [place, another] = header.flatMap((name, i) => (isSame(name, column) ? [i] : []));
  if (another === undefined) return place;
  throw new DataError(
    `${file}: expected one column ${column}, found ${header.filter((name) => isSame(name, column)).join(', ')}`,
  );
}

const isSame = (name: string, column: string): boolean => name.toLowerCase() === column.toLowerCase();

/** The cells of a file's first row, which names the columns; none if it is empty. */
export async function readHeader(file: string, delimiter?: string): Promise<readonly string[]> {
  for await (const { cells } of readCells(file, delimiter)) return cells;
  return [];
}

/** The cells of a file's first rows, at most `most` of them. */
export async function firstRows(file: string, most: number): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const { cells } of readCells(file)) {
    rows.push(cells);
    if (rows.length === most) break;
  }
  return rows;
}

/** The delimiter that gives the first row the most cells; spreadsheets of half the world write semicolons. */
async function findDelimiter(file: string): Promise<string> {
  let [best, most] = [',', 0];
  for (const delimiter of DELIMITERS) {
    const { length } = await readHeader(file, delimiter);
    if (length > most) [best, most] = [delimiter, length];
  }
  return best;
}

/** Spreadsheets write and read a first line that states the delimiter. */
const STATED = /^\ufeff?"?sep=([^"\r\n])"?(\r|\n|$)/i;
/** Bytes that hold such a line. */
const STATED_BYTES = 16;

/** The delimiter that the first line states. */
async function statedDelimiter(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(STATED_BYTES), 0, STATED_BYTES, 0);
    return STATED.exec(buffer.toString('utf8', 0, bytesRead))?.[1];
  } finally {
    await file.close();
  }
}

async function* readCells(
  file: string,
  given?: string | undefined,
): AsyncIterable<{ line: number; cells: string[] }> {
  const found = await notAFileAt(file);
  if (found !== undefined) {
    const kind = found.startsWith('no such file') ? 'missing' : 'input';
    throw new DataError({ subject: file, expected: 'a file of rows of cells', found }, { kind });
  }
  try {
    const stated = await statedDelimiter(file);
    const parser = parse({
      bom: true,
      delimiter: given ?? stated ?? (await findDelimiter(file)),
      from_line: stated === undefined ? 1 : 2,
      info: true,
      ltrim: true,
      max_record_size: LONGEST_ROW,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    // Errors on either side reach the loop below, which reads the parser.
    const rows = pipeline(createReadStream(file), parser, () => {});
    for await (const { info, record } of rows as AsyncIterable<{ info: { lines: number }; record: string[] }>)
      yield { line: info.lines, cells: record.map(tidy) };
  } catch (error) {
    if (error instanceof CsvError)
      throw new DataError(`${file}: expected rows of cells, found: ${error.message}`);
    if (isRefusal(error))
      throw new DataError(
        { subject: file, problem: `it cannot be read: ${reasonOf(error)}` },
        { cause: error },
      );
    throw error;
  }
}

/** A header for messages. */
export const shownHeader = (names: readonly string[]): string => names.join(', ').slice(0, SHOWN);

/** A cell without spaces around it; the parser leaves the quotes of one with spaces after them. */
const tidy = (cell: string): string => cell.trim().replace(/^"([^"]*)"$/, '$1');

/** @throws DataError if a column is not there, or twice */
function formOf<C extends string>(
  file: string,
  columns: readonly C[],
  header: readonly string[],
): RowForm<C> {
  const lacking: string[] = [];
  const places = columns.flatMap((column) => {
    const place = findColumn(file, header, column);
    if (place === undefined) lacking.push(column);
    return place === undefined ? [] : [[column, place] as const];
  });
  if (lacking.length === 0) return { length: header.length, places };
  throw new DataError(`${file}: expected a column ${lacking.join(', ')}, found ${shownHeader(header)}`);
}
