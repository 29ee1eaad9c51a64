/** What was not taken into a store: counts by reason, with examples from `rejects.csv`. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { withoutApostrophe } from '../plain-text.js';
import type { StoreInfo } from '../store/index.js';
import { DataError, type RejectionReason } from '../types.js';
import type { RejectCounts } from './types.js';

const FILE = 'rejects.csv';
const MOST_EXAMPLES = 10;

/** The most frequent reason first. */
export async function rejectCounts(folder: string, { rejects }: StoreInfo): Promise<RejectCounts[]> {
  const counts = Object.entries(rejects) as [RejectionReason, number][];
  const examples = new Map(
    counts.map(([reason]) => [reason as string, [] as { path: string; detail: string }[]]),
  );
  if (counts.length > 0) await readExamples(join(folder, FILE), examples);
  return counts
    .map(([reason, count]) => ({ reason, count, examples: examples.get(reason)! }))
    .sort((a, b) => b.count - a.count);
}

async function readExamples(
  file: string,
  examples: ReadonlyMap<string, { path: string; detail: string }[]>,
): Promise<void> {
  const rows = parse({ columns: true });
  try {
    await pipeline(createReadStream(file), rows, async (records: AsyncIterable<Record<string, string>>) => {
      for await (const { path = '', reason = '', detail = '' } of records) {
        const list = examples.get(reason);
        if (list !== undefined && list.length < MOST_EXAMPLES)
          list.push({ path: withoutApostrophe(path), detail: withoutApostrophe(detail) });
      }
    });
  } catch (error) {
    throw new DataError(`${file}: expected what was rejected, as CSV: ${(error as Error).message}`);
  }
}
