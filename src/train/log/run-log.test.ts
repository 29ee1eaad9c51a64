import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onSmallDisk } from '../../../test/support/small-disk.js';
import { HISTORY, readHistory } from './history.js';
import { RunLog } from './run-log.js';
import { eventsOf } from './testing.js';
import type { EpochEntry, LogEntry, SeparationEntry, StepEntry } from './types.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

const step = (n: number, loss = 1 / n): StepEntry => ({
  kind: 'step',
  step: n,
  epoch: 1,
  stage: 'heads',
  rate: 0.5,
  train: { loss },
  imagesPerSecond: 64,
});

const epoch = (n: number): EpochEntry => ({
  kind: 'epoch',
  step: n,
  epoch: 1,
  stage: 'heads',
  rate: 0.5,
  train: { loss: 2 },
  validation: { loss: 3, mae: 5 },
  best: true,
  seconds: 60,
});

const confusion: LogEntry = {
  kind: 'confusion',
  step: 4,
  epoch: 1,
  gender: {
    labels: ['female', 'male'],
    counts: [
      [3, 1],
      [0, 2],
    ],
  },
};

const separation: SeparationEntry = {
  kind: 'separation',
  step: 4,
  epoch: 1,
  classes: [{ label: '20', count: 3, mean: [0.25, 0.75] }],
  labels: ['10', '20'],
};

async function written(entries: readonly LogEntry[], from = 0): Promise<void> {
  const log = await RunLog.open(folder, { step: from });
  for (const entry of entries) await log.write(entry);
  await log.close();
}

/** What TensorBoard shows: scalars of all files in order, where a start makes it forget those from its step on. */
async function curves(): Promise<Record<string, [step: number, value: number][]>> {
  const found: Record<string, [number, number][]> = {};
  for (const name of (await readdir(folder)).filter((n) => n.includes('tfevents')).sort()) {
    for (const { step, what, scalars } of await eventsOf(join(folder, name))) {
      const at = Number(step);
      if (what.case === 'sessionLog') {
        for (const tag in found) found[tag] = found[tag]!.filter(([before]) => before < at);
      }
      for (const tag in scalars) {
        found[tag] ??= [];
        found[tag].push([at, scalars[tag]!]);
      }
    }
  }
  return found;
}

describe('the log of a run', () => {
  it('holds what was written, in files for people and for TensorBoard', async () => {
    const notice = { kind: 'notice', step: 4, epoch: 1, message: 'line\nbreak' } as const;
    const entries = [step(2), step(4), epoch(4), separation, confusion, notice];
    await written(entries);
    expect(await readHistory(folder)).toEqual(entries);
    expect((await readFile(join(folder, HISTORY), 'utf8')).split('\n')).toHaveLength(entries.length + 1);
    expect(await curves()).toEqual({
      'train/loss': [
        [2, 0.5],
        [4, 0.25],
      ],
      rate: [
        [2, 0.5],
        [4, 0.5],
      ],
      'images-per-second': [
        [2, 64],
        [4, 64],
      ],
      'epoch/loss': [[4, 2]],
      'validation/loss': [[4, 3]],
      'validation/mae': [[4, 5]],
    });
  });

  it('keeps the order of entries that were not awaited', async () => {
    const log = await RunLog.open(folder, { step: 0 });
    await Promise.all([1, 2, 3, 4, 5].map((n) => log.write(step(n))));
    await log.close();
    expect((await readHistory(folder)).map((entry) => entry.step)).toEqual([1, 2, 3, 4, 5]);
  });

  it('forgets, if a run continues from a checkpoint, what came after it', async () => {
    await written([step(1), step(2), epoch(2), step(3), step(4), epoch(4)]);
    await written([step(3, 9)], 2);
    const history = await readHistory(folder);
    expect(history).toEqual([step(1), step(2), epoch(2), step(3, 9)]);
    const { 'train/loss': losses, 'validation/mae': errors } = await curves();
    expect(losses).toEqual([
      [1, 1],
      [2, 0.5],
      [3, 9],
    ]);
    expect(errors).toEqual([[2, 5]]);
  });

  it('forgets everything if a run starts over', async () => {
    await written([step(1), step(2)]);
    await written([step(1, 7)]);
    expect(await readHistory(folder)).toEqual([step(1, 7)]);
    expect((await curves())['train/loss']).toEqual([[1, 7]]);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it.each([1, 20, 60])('drops a line that a crash cut %i bytes before its end', async (missing) => {
    await written([step(1), step(2)]);
    const path = join(folder, HISTORY);
    await truncate(path, (await stat(path)).size - missing);
    expect(await readHistory(folder)).toEqual([step(1)]);
    await written([step(2, 8), step(3)], 2);
    expect(await readHistory(folder)).toEqual([step(1), step(2, 8), step(3)]);
  });

  it('keeps that a figure was not finite', async () => {
    await written([step(1, Number.NaN), step(2, Number.POSITIVE_INFINITY)]);
    const history = (await readHistory(folder)) as StepEntry[];
    expect(history.map(({ train }) => train.loss)).toEqual([Number.NaN, Number.NaN]);
  });

  it('is empty before it is started', async () => {
    expect(await readHistory(folder)).toEqual([]);
  });

  it.each(['{"kind":"step"}', 'nonsense', '{"kind":"what","step":2,"epoch":1}'])(
    'reports which line is not an entry: %s',
    async (line) => {
      await written([step(1)]);
      await appendFile(join(folder, HISTORY), `${line}\n`);
      await expect(readHistory(folder)).rejects.toThrow(
        `Line 2 of '${join(folder, HISTORY)}' is not an entry of a run's history`,
      );
    },
  );

  it('reports in a sentence that the folder is a file', async () => {
    const path = join(folder, 'run');
    await writeFile(path, '');
    await expect(RunLog.open(path, { step: 0 })).rejects.toThrow(
      `The log of run '${path}' cannot be written: a file of that name exists`,
    );
  });
});

it('a full disk costs the entries that found no room, and reports it in a sentence', async () => {
  await onSmallDisk(folder, async () => {
    const log = await RunLog.open(folder, { step: 0 });
    await writeFile(join(folder, 'ballast'), Buffer.alloc(52 * 1024));
    let full: unknown;
    let kept = 0;
    while (full === undefined) {
      await log.write(step(kept + 1)).then(
        () => kept++,
        (error) => {
          full = error;
        },
      );
    }
    expect((full as Error).message).toBe(`The log of run '${folder}' cannot be written: the disk is full`);
    expect(await readHistory(folder)).toHaveLength(kept);
    await rm(join(folder, 'ballast'));
    await log.write(step(kept + 1));
    await log.close();
    const history = await readHistory(folder);
    expect(history).toEqual(Array.from({ length: kept + 1 }, (_, i) => step(i + 1)));
    expect((await curves())['train/loss']!.map(([at]) => at)).toEqual(history.map((entry) => entry.step));
  });
});
