/** The files of a store's folder. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { foundInstead, isAddress, isMissing, NOT_DOWNLOADED, writeWholeFile } from '../../files/index.js';
import { ALIGNMENTS } from '../../metadata/index.js';
import { DataError, REJECTION_REASONS, type RejectionReason } from '../types.js';
import type { Duplicates, StoreInfo } from './types.js';

export const PARTS_FOLDER = 'data';
export const INFO_FILE = 'dataset.json';
export const REJECTS_FILE = 'rejects.csv';
export const DUPLICATES_FILE = 'duplicates.json';

export const partName = (part: number): string => `part-${String(part).padStart(5, '0')}.parquet`;

const count = z.int().nonnegative();

const spread = z.strictObject({ low: z.number(), median: z.number(), high: z.number() });

const info = z.strictObject({
  format: z.literal('agewise-store'),
  version: z.literal(1),
  id: z.string(),
  title: z.string(),
  homepage: z.string(),
  citation: z.string(),
  terms: z.string(),
  labels: z.enum(['exact age', 'apparent age with spread', 'age interval', 'as the columns say']),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  rows: count,
  labelled: z.strictObject({
    age: count,
    gender: count,
    race: count,
    identity: count,
    faceBox: count,
    split: count,
  }),
  framing: z
    .strictObject({
      looked: count,
      found: count,
      margin: spread.optional(),
      right: spread.optional(),
      down: spread.optional(),
      aspect: spread.optional(),
    })
    .optional(),
  boxes: z
    .strictObject({
      looked: count,
      found: count,
      width: spread.optional(),
      height: spread.optional(),
      right: spread.optional(),
      down: spread.optional(),
    })
    .optional(),
  room: spread.optional(),
  rejects: z.partialRecord(z.enum(Object.keys(REJECTION_REASONS) as RejectionReason[]), count),
  options: z.strictObject({
    reader: z.record(z.string(), z.string()),
    cleaning: z.record(z.string(), z.union([z.number(), z.boolean()])),
    limit: z.int().positive().optional(),
    corrections: z.strictObject({ exclude: count, relabel: count }).optional(),
    pictures: z.strictObject({
      size: z.int().positive().nullable(),
      quality: z.int().min(1).max(100).nullable(),
      crop: z
        .strictObject({
          by: z.enum(['label', 'detector']),
          margin: z.number().nonnegative(),
          alignment: z.enum(ALIGNMENTS),
        })
        .nullable(),
    }),
  }),
});

const duplicates = z.strictObject({
  threshold: count.nullable(),
  groups: z.array(z.array(count).min(2)),
});

export const readInfo = (folder: string): Promise<StoreInfo> => readDocument(folder, INFO_FILE, info);

/** Measurements of how a store's pictures and boxes frame faces. */
export type Measured = Pick<StoreInfo, 'framing' | 'boxes' | 'room'>;

/**
 * Adds such measurements to a store's own file.
 * @throws the system's error, with the file unchanged
 */
export async function recordMeasured(folder: string, measured: Measured): Promise<void> {
  const document: StoreInfo = { ...(await readInfo(folder)), ...measured };
  await writeWholeFile(join(folder, INFO_FILE), `${JSON.stringify(document, null, 2)}\n`);
}

export const readDuplicates = (folder: string): Promise<Duplicates> =>
  readDocument(folder, DUPLICATES_FILE, duplicates);

async function readDocument<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const found = isAddress(folder)
      ? NOT_DOWNLOADED
      : isMissing(error)
        ? `no ${name}`
        : `as ${name} ${foundInstead(error)}`;
    throw new DataError({ subject: folder, expected: "a store as 'agewise data import' makes it", found });
  });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new DataError(`${path}: expected JSON, found text that does not parse`);
  }
  const { success, data, error } = schema.safeParse(document);
  if (success) return data;
  const [issue] = error.issues;
  throw new DataError(
    `${path}: ${issue!.path.join('.') || 'the document'}: ${issue!.message}; a store of another version of Agewise is made again by 'agewise data import'`,
  );
}
