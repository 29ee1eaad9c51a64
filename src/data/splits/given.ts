/** Splits as tables, `row,file,part`: to be read elsewhere, or made there. */
import { stringify } from 'csv-stringify/sync';
import { plainText, withoutApostrophe } from '../plain-text.js';
import { readTable } from '../readers/shared/table.js';
import { DataError } from '../types.js';
import { documentOf, type Split, type SplitDocument, type SplitStore, subjectOf } from './file.js';
import { groupsOf } from './groups.js';
import { type Assignment, LEFT_OUT, MOST_PARTS, type SplitRow } from './types.js';

const HEAD = ['row', 'file', 'part'] as const;

/** A table with a line for each row of the store, in order, with an empty part for rows in none. */
export async function splitTable(store: SplitStore, { parts }: Split): Promise<string> {
  const partOf = new Array<string>(store.length).fill('');
  for (const [name, rows] of parts) for (const row of rows) partOf[row] = plainText(name);
  const lines: unknown[][] = [[...HEAD]];
  for await (const { index, path } of store.rows()) lines.push([index, plainText(path), partOf[index]]);
  return stringify(lines);
}

export interface GivenSplit {
  readonly document: SplitDocument;
  /** The number of groups (near-duplicates, or one person's pictures) divided between parts. */
  readonly divided: number;
}

/**
 * A split from a table. A picture is identified by its row, its file (the path in the data set), or both, which must
 * then agree; a file with several faces means all of them. Pictures missing from the table, or without a part, are in
 * none.
 * @param name the split's name
 * @throws DataError if the file is no such table, refers to something not in the store, or puts a row into two parts.
 */
export async function readGivenSplit(file: string, store: SplitStore, name: string): Promise<GivenSplit> {
  const subject = await subjectOf(store);
  const assignment = await assignmentIn(file, subject.rows);
  const divided = groupsOf(subject).filter((group) => {
    const parts = new Set(group.map((row) => assignment.partOf[row]).filter((part) => part !== LEFT_OUT));
    return parts.size > 1;
  });
  return {
    document: documentOf(store, assignment, { name: 'given', split: name }, 0),
    divided: divided.length,
  };
}

async function assignmentIn(file: string, rows: readonly SplitRow[]): Promise<Assignment> {
  const byPath = new Map<string, number[]>();
  rows.forEach(({ path }, row) => {
    const same = byPath.get(path);
    if (same) same.push(row);
    else byPath.set(path, [row]);
  });
  const numbers = new Map<string, number>();
  const partOf = new Uint8Array(rows.length).fill(LEFT_OUT);
  const table = readTable(file, { columns: ['part'], optional: ['row', 'file'] });
  for await (const { at, cells } of table) {
    const part = withoutApostrophe(cells.part);
    if (part === '') continue;
    const number = numbers.get(part) ?? numbers.size;
    numbers.set(part, number);
    if (numbers.size > MOST_PARTS) throw new DataError(`${at}: expected at most ${MOST_PARTS} parts`);
    for (const row of rowsNamed(cells.row, withoutApostrophe(cells.file), rows, byPath, at)) {
      if (partOf[row] !== LEFT_OUT && partOf[row] !== number) {
        const before = [...numbers.keys()][partOf[row]!];
        throw new DataError(`${at}: expected row ${row} in one part, found '${before}' and '${part}'`);
      }
      partOf[row] = number;
    }
  }
  if (numbers.size === 0) throw new DataError(`${file}: expected rows in parts, found none`);
  return { parts: [...numbers.keys()], partOf };
}

function rowsNamed(
  row: string,
  path: string,
  rows: readonly SplitRow[],
  byPath: ReadonlyMap<string, readonly number[]>,
  at: string,
): readonly number[] {
  if (row === '') {
    const found = byPath.get(path);
    if (found) return found;
    throw new DataError(`${at}: expected a row or a file of the store, found '${path}'`);
  }
  const number = /^\d+$/.test(row) ? Number(row) : -1;
  const own = rows[number];
  if (own === undefined) {
    throw new DataError(`${at}: expected a row of the store, 0 to ${rows.length - 1}, found '${row}'`);
  }
  if (path === '' || path === own.path) return [number];
  throw new DataError(`${at}: expected row ${number} to be '${own.path}', as in the store, found '${path}'`);
}
