/** Label files in rows and columns: CSV (RFC 4180) and its relatives with semicolons, tabs or spaces. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { DataError } from '../../types.js';

/** One row: its cells by the names of their columns, without white space around them. */
export interface Row<C extends string> {
  /** In the file, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<C, string>>;
}

/** A row that has not as many cells as there are columns. */
export interface BrokenRow {
  readonly line: number;
  /** What was expected and what was found. */
  readonly problem: string;
}

export const isBroken = (row: Row<string> | BrokenRow): row is BrokenRow => 'problem' in row;

export interface TableFormat<C extends string> {
  /** Columns that the caller reads. A file has a header that names them, unless `headless` is set. */
  readonly columns: readonly C[];
  /** One character; a comma if left out. */
  readonly delimiter?: string;
  /** The file has no header: its columns are `columns`, in this order. */
  readonly headless?: boolean;
}

/**
 * The rows of a file in its order, read as a stream. Empty lines are passed over. With a header, cells of all its
 * columns are there, also of those that were not asked for.
 * @throws DataError where the file cannot be read, lacks a column, or has a quote that does not end.
 */
export async function* readTable<C extends string>(
  file: string,
  { columns, delimiter = ',', headless = false }: TableFormat<C>,
): AsyncIterable<Row<C> | BrokenRow> {
  let names: readonly string[] | undefined = headless ? columns : undefined;
  for await (const { line, cells } of readCells(file, delimiter)) {
    if (names === undefined) {
      names = cells;
      expectColumns(file, columns, names);
    } else if (cells.length !== names.length)
      yield {
        line,
        problem: `line ${line} is expected to have ${names.length} cells, found ${cells.length}`,
      };
    else {
      const entries = names.map((name, i) => [name, cells[i]]);
      yield { line, cells: Object.fromEntries(entries) as Record<C, string> };
    }
  }
  if (names === undefined)
    throw new DataError(`${file}: a header with ${columns.join(', ')} is expected, found nothing`);
}

/** The names of a file's columns; none where it is empty. */
export async function readHeader(file: string, delimiter = ','): Promise<readonly string[]> {
  for await (const { cells } of readCells(file, delimiter)) return cells;
  return [];
}

async function* readCells(file: string, delimiter: string): AsyncIterable<{ line: number; cells: string[] }> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  // What goes wrong on either side reaches the loop below, which reads the parser.
  const rows = pipeline(createReadStream(file), parser, () => {});
  try {
    for await (const { info, record } of rows as AsyncIterable<{ info: { lines: number }; record: string[] }>)
      yield { line: info.lines, cells: record.map((cell) => cell.trim()) };
  } catch (error) {
    if (error instanceof CsvError)
      throw new DataError(`${file}: rows of cells are expected, found: ${error.message}`);
    if (error instanceof Error && 'code' in error)
      throw new DataError(`${file} cannot be read: ${error.message}`);
    throw error;
  }
}

function expectColumns(file: string, expected: readonly string[], found: readonly string[]): void {
  const lacking = expected.filter((column) => !found.includes(column));
  if (lacking.length > 0)
    throw new DataError(`${file}: a column ${lacking.join(', ')} is expected, found ${found.join(', ')}`);
}
