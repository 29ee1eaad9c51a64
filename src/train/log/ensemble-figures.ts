/** `ensemble.json`: the figures of an ensemble on the validation part. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeWhole } from './whole-file.js';

const FILE = 'ensemble.json';

const schema = z.strictObject({
  /** The updates after which each member's weights were the best, which identify them. */
  steps: z.array(z.int().min(0)),
  /** The figures of the averaged distributions. */
  figures: z.record(z.string(), z.number()),
  /** Some faces of a known age: the ensemble's and each member's estimate, in years. */
  faces: z.array(z.strictObject({ age: z.number(), estimate: z.number(), members: z.array(z.number()) })),
});

export type EnsembleFigures = z.output<typeof schema>;

/** Undefined if they are missing or unreadable: they are then computed again. */
export async function readEnsembleFigures(folder: string): Promise<EnsembleFigures | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(join(folder, FILE), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** @throws LogError if it cannot be written. */
export const writeEnsembleFigures = (folder: string, figures: EnsembleFigures): Promise<void> =>
  writeWhole(join(folder, FILE), `${JSON.stringify(figures, null, 2)}\n`);
