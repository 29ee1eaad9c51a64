/** `history.jsonl`: the entries of a run, each a JSON object in a line of its own, in the order of steps. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isMissing, reasonOf } from '../../files/index.js';
import { LogError } from './log-error.js';
import type { LogEntry } from './types.js';

export const HISTORY = 'history.jsonl';
const NEWLINE = 0x0a;

const count = z.int().min(0);
/** JSON has no non-finite numbers: they are written as null and read as NaN. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const figures = z.record(z.string(), figure);

const confusion = z.object({ labels: z.array(z.string()), counts: z.array(z.array(count)) });

const common = { step: count, epoch: count };
const entrySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('step'),
    ...common,
    stage: z.string(),
    rate: figure,
    train: figures,
    imagesPerSecond: figure,
  }),
  z.object({
    kind: z.literal('epoch'),
    ...common,
    stage: z.string(),
    rate: figure,
    train: figures,
    validation: figures.exactOptional(),
    best: z.boolean(),
    seconds: figure,
  }),
  z.object({
    kind: z.literal('separation'),
    ...common,
    classes: z.array(z.object({ label: z.string(), count, mean: z.array(figure) })),
    labels: z.array(z.string()),
    face: z.object({ age: figure, probabilities: z.array(figure) }).exactOptional(),
  }),
  z.object({
    kind: z.literal('confusion'),
    ...common,
    age: confusion.exactOptional(),
    gender: confusion.exactOptional(),
  }),
  z.object({ kind: z.literal('notice'), ...common, message: z.string() }),
]) satisfies z.ZodType<LogEntry>;

/**
 * The history of a run's folder; empty if nothing has been written. An incomplete last line, as left by a crash, is
 * ignored.
 * @throws LogError if a line is not an entry, or the file cannot be read.
 */
export async function readHistory(folder: string): Promise<LogEntry[]> {
  const path = join(folder, HISTORY);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (isMissing(error)) return Buffer.alloc(0);
    throw new LogError(`'${path}' cannot be read: ${reasonOf(error)}`, { cause: error });
  });
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1).toString('utf8');
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      const entry = entrySchema.safeParse(parsed(line));
      if (entry.success) return entry.data;
      throw new LogError(`Line ${i + 1} of '${path}' is not an entry of a run's history`);
    });
}

/** The length in bytes of a history's complete lines up to a step. */
export function keptBytes(bytes: Uint8Array, step: number): number {
  const decoder = new TextDecoder();
  let kept = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, kept) + 1;
    if (end === 0) return kept;
    const entry = parsed(decoder.decode(bytes.subarray(kept, end))) as Partial<LogEntry> | undefined;
    if (!(typeof entry?.step === 'number' && entry.step <= step)) return kept;
    kept = end;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
