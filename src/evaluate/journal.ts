/**
 * The journal of an evaluation: the predictions for each batch of pictures as lines of JSON, after a line that records what they
 * depend on. Whatever ends the evaluation, its complete lines are kept, and the next evaluation continues after them.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { exists, readJsonLines, reasonOf } from '../files/index.js';
import { EvaluationError } from './error.js';
import type { PredictedFace } from './predictions.js';
import type { FaceUnderChanges } from './robustness/ages.js';

export interface JournalOptions {
  /** Starts again if the journal belongs to something else. */
  readonly overwrite?: boolean;
}

export class Journal {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    /** Earlier predictions, in the order of the pictures. */
    readonly faces: readonly PredictedFace[],
    /** Faces predicted under changes earlier. */
    readonly changed: readonly FaceUnderChanges[],
  ) {}

  /**
   * Continues the journal at `path`, or starts one.
   * @param of what the predictions depend on, as plain data
   * @throws EvaluationError if it belongs to something else, or cannot be written
   */
  static async open(path: string, of: unknown, { overwrite = false }: JournalOptions = {}): Promise<Journal> {
    const head = JSON.stringify(of);
    const lines: { readonly text: string; readonly value: unknown; readonly end: number }[] = [];
    if (await exists(path)) for await (const line of readJsonLines(path)) lines.push(line);
    const isOurs = lines[0]?.text === head;
    if (lines.length > 0 && !isOurs && !overwrite) {
      throw new EvaluationError(
        {
          subject: path,
          expected: 'unfinished predictions of this command',
          found: 'those of another; remove the file, or name another output',
        },
        { kind: 'usage' },
      );
    }
    try {
      const entries = isOurs ? lines.slice(1).map(({ value }) => value as Entry) : [];
      if (isOurs) await truncate(path, lines.at(-1)!.end);
      const file = await open(path, isOurs ? 'a' : 'w');
      if (!isOurs) await file.write(`${head}\n`);
      const faces = entries.flatMap((entry) => ('faces' in entry ? entry.faces.map(unpacked) : []));
      const changed = entries.flatMap((entry) => ('changed' in entry ? [entry.changed] : []));
      return new Journal(path, file, faces, changed);
    } catch (error) {
      const problem = `it cannot be written: ${reasonOf(error)}`;
      throw new EvaluationError({ subject: path, problem }, { kind: 'failed', cause: error });
    }
  }

  async add(faces: readonly PredictedFace[]): Promise<void> {
    await this.write({ faces: faces.map(packed) });
  }

  async addChanged(changed: FaceUnderChanges): Promise<void> {
    await this.write({ changed });
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  /** When all output is written. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }

  private async write(entry: Entry): Promise<void> {
    await this.file.write(`${JSON.stringify(entry)}\n`);
  }
}

type Entry = { readonly faces: readonly PackedFace[] } | { readonly changed: FaceUnderChanges };

interface PackedFace extends Omit<PredictedFace, 'predictions'> {
  /** Years as the bytes of their floats in base64: decimals would take ten times as much, and time. */
  readonly predictions?: readonly { readonly years: string; readonly female?: number }[];
}

const packed = ({ predictions, ...face }: PredictedFace): PackedFace => ({
  ...face,
  ...(predictions && {
    predictions: predictions.map(({ years, female }) => ({
      years: Buffer.from(years.buffer, years.byteOffset, years.byteLength).toString('base64'),
      ...(female !== undefined && { female }),
    })),
  }),
});

const unpacked = ({ predictions, ...face }: PackedFace): PredictedFace => ({
  ...face,
  predictions: predictions?.map(({ years, female }) => ({
    years: new Float32Array(Uint8Array.from(Buffer.from(years, 'base64')).buffer),
    female,
  })),
});

async function truncate(path: string, end: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(end);
  } finally {
    await file.close();
  }
}
