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
  let names: readonly string[] | undefined = header === 'none' ? columns : undefined;
  for await (const { line, cells } of readCells(file, delimiter)) {
    if (names === undefined) {
      names = header === 'names' ? cells : columns;
      expectColumns(file, columns, names);
      continue;
    }
    const at = `${name}:${line}`;
    if (cells.length === names.length) yield read(byName(names, cells), at);
    else yield badName(at, `expected a row of ${names.length} cells, found ${cells.length}`);
  }
  if (names === undefined)
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
  let names: readonly string[] | undefined;
  for await (const { line, cells } of readCells(file)) {
    if (names === undefined) {
      names = cells;
      expectColumns(file, [...columns, ...optional.filter((name) => cells.includes(name))], names);
      continue;
    }
    const at = `${file}:${line}`;
    if (cells.length !== names.length) {
      throw new DataError(`${at}: expected a row of ${names.length} cells, found ${cells.length}`);
    }
    yield { at, cells: { ...empty, ...byName<C>(names, cells) } };
  }
  if (names === undefined)
    throw new DataError(`${file}: expected a header with ${columns.join(', ')}, found nothing`);
}

function byName<C extends string>(names: readonly string[], cells: readonly string[]): Record<C, string> {
  return Object.fromEntries(names.map((name, i) => [name, cells[i]])) as Record<C, string>;
}

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
      max_record_size: LONGEST_ROW,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    // Errors on either side reach the loop below, which reads the parser.
    const rows = pipeline(createReadStream(file), parser, () => {});
    for await (const { info, record } of rows as AsyncIterable<{ info: { lines: number }; record: string[] }>)
      yield { line: info.lines, cells: record.map((cell) => cell.trim()) };
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

function expectColumns(file: string, expected: readonly string[], found: readonly string[]): void {
  const twice = expected.find((column) => found.indexOf(column) !== found.lastIndexOf(column));
  if (twice !== undefined) throw new DataError(`${file}: expected one column ${twice}, found two`);
  const lacking = expected.filter((column) => !found.includes(column));
  if (lacking.length === 0) return;
  throw new DataError(`${file}: expected a column ${lacking.join(', ')}, found ${shownHeader(found)}`);
}
