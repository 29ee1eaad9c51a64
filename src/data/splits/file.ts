/** Split files: `NAME.split.json`, made once and read with checks. */
import { readFile } from 'node:fs/promises';
import { deflateSync, inflateSync } from 'node:zlib';
import * as z from 'zod';
import { exists, isMissing, reasonOf, writeWholeFile } from '../../files/index.js';
import type { Store } from '../store/index.js';
import { DataError } from '../types.js';
import { assignParts } from './assign.js';
import { type SplitMethod, splitMethodSchema } from './method.js';
import { type Assignment, LEFT_OUT, MOST_PARTS, type SplitRow, type SplitSubject } from './types.js';

/** A split of one store. */
export interface Split {
  readonly seed: number;
  readonly method: SplitMethod;
  /** The row numbers of each part, ascending; parts are in the method's order. */
  readonly parts: ReadonlyMap<string, Uint32Array>;
  /** The number of rows in no part. */
  readonly leftOut: number;
}

/** The parts of a store needed for splits. */
export type SplitStore = Pick<Store, 'folder' | 'info' | 'length' | 'rows' | 'duplicates'>;

const FORMAT = 'agewise-split';
const VERSION = 1;

const documentSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  /** The store that it belongs to. */
  store: z.strictObject({ id: z.string(), rows: z.int().min(0), fingerprint: z.string() }),
  seed: z.int().min(0),
  method: splitMethodSchema,
  /** In the order of their numbers in `assignment`. */
  parts: z.array(z.strictObject({ name: z.string().min(1), rows: z.int().min(0) })).max(MOST_PARTS),
  leftOut: z.int().min(0),
  /** One byte per row, the number of its part or 255 for none; deflated (RFC 1950), in base64. */
  assignment: z.base64(),
});

/** The content of a split file. */
export type SplitDocument = z.infer<typeof documentSchema>;

/**
 * Splits a store.
 * @param seed an integer from 0
 * @throws DataError if the method cannot be applied to the data, leaves a part empty, or reads from a table.
 */
export async function makeSplit(
  store: SplitStore,
  method: SplitMethod,
  seed: number,
): Promise<SplitDocument> {
  if (method.name === 'given') {
    throw new DataError(
      `${store.folder}: expected a split '${method.split}' in it (agewise data split --from), found none`,
      { kind: 'usage' },
    );
  }
  const subject = await subjectOf(store);
  return documentOf(store, assignParts(subject, method, seed), method, seed);
}

/**
 * The parts that a method makes of a store, without a file.
 * @throws as `makeSplit`
 */
export async function partsBy(store: SplitStore, method: SplitMethod, seed: number): Promise<Split> {
  return splitOf(await makeSplit(store, method, seed), store.folder, store.length);
}

/** The information used by split methods. */
export async function subjectOf(store: SplitStore): Promise<SplitSubject> {
  const rows: SplitRow[] = [];
  for await (const { path, source, age, gender, identity, split } of store.rows()) {
    rows.push({
      path,
      source,
      ...(age !== undefined && { age }),
      ...(gender !== undefined && { gender }),
      ...(identity !== undefined && { identity }),
      ...(split !== undefined && { split }),
    });
  }
  return { rows, duplicates: await store.duplicates() };
}

/** @throws DataError if a part is empty. */
export function documentOf(
  { folder, info: { id, fingerprint } }: SplitStore,
  assignment: Assignment,
  method: SplitMethod,
  seed: number,
): SplitDocument {
  const rows = assignment.partOf.length;
  const counts = countsOf(assignment);
  const empty = assignment.parts.find((_, part) => counts[part] === 0);
  if (empty !== undefined) {
    throw new DataError(`${folder}: part '${empty}' would hold none of the ${rows} rows`);
  }
  return {
    format: FORMAT,
    version: VERSION,
    store: { id, rows, fingerprint },
    seed,
    method,
    parts: assignment.parts.map((name, part) => ({ name, rows: counts[part]! })),
    leftOut: counts[LEFT_OUT]!,
    assignment: deflateSync(assignment.partOf).toString('base64'),
  };
}

/**
 * Writes a split under a temporary name and renames it.
 * @param overwrite whether to replace an existing file; not by default, since a split is made only once
 * @throws DataError if the file exists.
 */
export async function writeSplit(
  file: string,
  split: SplitDocument,
  { overwrite = false }: { readonly overwrite?: boolean } = {},
): Promise<void> {
  if (!overwrite && (await exists(file))) throw new DataError(`${file} exists: a split is made once`);
  try {
    await writeWholeFile(file, `${JSON.stringify(split, null, 2)}\n`);
  } catch (error) {
    const problem = `it cannot be written: ${reasonOf(error)}`;
    throw new DataError({ subject: file, problem }, { kind: 'failed', cause: error });
  }
}

/**
 * Reads a split and checks that it belongs to the store.
 * @throws DataError, in one sentence, for a file that is missing, no split, damaged, or of another store.
 */
export async function readSplit(
  file: string,
  store: Pick<Store, 'folder' | 'info' | 'length'>,
): Promise<Split> {
  const document = await readDocument(file);
  const { id, rows, fingerprint } = document.store;
  if (rows !== store.length || fingerprint !== store.info.fingerprint) {
    throw new DataError(
      `${file}: expected a split of ${store.folder} (${store.info.id}, ${store.length} rows), ` +
        `found one of another store (${id}, ${rows} rows)`,
    );
  }
  return splitOf(document, file, rows);
}

/** @throws DataError, which names the file, if the assignment contradicts the counts. */
function splitOf(document: SplitDocument, file: string, rows: number): Split {
  const names = document.parts.map(({ name }) => name);
  const assignment = { parts: names, partOf: inflated(file, document.assignment, rows) };
  const counts = countsOf(assignment);
  const wrong = document.parts.find((part, i) => counts[i] !== part.rows);
  const assigned = counts.slice(0, names.length).reduce((a, b) => a + b, counts[LEFT_OUT]!);
  if (wrong !== undefined || assigned !== rows || new Set(names).size !== names.length) {
    throw new DataError(
      `${file}: expected an assignment that matches the counts of its parts, found another`,
    );
  }
  return {
    seed: document.seed,
    method: document.method,
    parts: new Map(names.map((name, part) => [name, rowsOf(assignment.partOf, part, counts[part]!)])),
    leftOut: document.leftOut,
  };
}

async function readDocument(file: string): Promise<SplitDocument> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = isMissing(error);
    const problem = missing ? 'no such split file' : `it cannot be read: ${reasonOf(error)}`;
    throw new DataError({ subject: file, problem }, { kind: missing ? 'missing' : 'input', cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${file}: expected a split file, found no JSON`, { cause: error });
  }
  const parsed = documentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const where = issue.path.length > 0 ? ` at '${issue.path.join('.')}'` : '';
  throw new DataError(
    `${file}: expected a split file of version ${VERSION}, found${where}: ${issue.message}`,
  );
}

function inflated(file: string, text: string, rows: number): Uint8Array {
  try {
    const bytes = inflateSync(Buffer.from(text, 'base64'), { maxOutputLength: Math.max(1, rows) });
    if (bytes.length === rows) return bytes;
  } catch {
    // Reported below.
  }
  throw new DataError(`${file}: expected an assignment of ${rows} rows, found a damaged one`);
}

/** The number of rows by part number; 256 counts. */
function countsOf({ partOf }: Assignment): number[] {
  const counts = new Array<number>(LEFT_OUT + 1).fill(0);
  for (const part of partOf) counts[part]!++;
  return counts;
}

function rowsOf(partOf: Uint8Array, part: number, count: number): Uint32Array {
  const rows = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < partOf.length; row++) if (partOf[row] === part) rows[at++] = row;
  return rows;
}
