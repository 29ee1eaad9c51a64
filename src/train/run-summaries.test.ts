import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunLog, writeRunFacts } from './log/index.js';
import type { EpochEntry } from './log/types.js';
import { checkRecipe } from './recipe/index.js';
import { summarizeRuns } from './run-summaries.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-summaries-'));
});
afterEach(() => rm(folder, { recursive: true }));

const optimizer = { kind: 'sgd' } as const;
const store = (id: string) => ({
  folder: `/${id}`,
  id,
  title: id,
  terms: 'none',
  fingerprint: 'ab'.repeat(32),
  rows: 10,
});

async function begin(run: string, { seed = 1, members = 1 } = {}): Promise<void> {
  const recipe = checkRecipe(
    {
      name: 'small',
      title: 'Small',
      source: 'here',
      reports: 'nothing',
      network: { name: 'lenet-5' },
      heads: { age: { classes: 'groups-8' } },
      batch: 8,
      members,
      stages: [
        { name: 'frozen', epochs: 2, rate: 0.1, optimizer },
        { name: 'whole', epochs: 4, rate: 0.01, optimizer },
      ],
    },
    'here',
  );
  await writeRunFacts(run, {
    recipe,
    seed,
    command: ['train'],
    device: 'cpu',
    target: 'standard',
    stores: [store('utkface'), store('adience'), store('utkface')],
    split: { name: 'hash', counts: { train: 8, validation: 2 }, sha256: 'cd'.repeat(32) },
  });
}

const epoch = (n: number, best: boolean): EpochEntry => ({
  kind: 'epoch',
  step: 10 * n,
  epoch: n,
  stage: 'frozen',
  rate: 0.1,
  train: { loss: 1 },
  ...(n !== 2 && { validation: { loss: 3, mae: 10 - n, 'loss.gender': 0.25 } }),
  best,
  seconds: 60 * n,
});

async function write(run: string, entries: readonly EpochEntry[]): Promise<void> {
  const log = await RunLog.open(run, { step: 0 });
  for (const entry of entries) await log.write(entry);
  await log.close();
}

describe('summarizeRuns', () => {
  it('reports runs in the order of their names, and of members one by one', async () => {
    for (const name of ['run-10', 'run-9']) await begin(join(folder, name));
    await write(join(folder, 'run-9'), [epoch(1, true), epoch(2, false), epoch(3, true), epoch(4, false)]);
    await begin(join(folder, 'many'), { members: 3 });
    for (const member of [1, 3]) await begin(join(folder, 'many', `member-${member}`), { seed: member });
    await mkdir(join(folder, 'something else'));
    await writeFile(join(folder, 'notes.txt'), '');
    const { runs, problems } = await summarizeRuns(folder);
    expect(problems).toEqual([]);
    expect(runs.map(({ name, seed }) => [name, seed])).toEqual([
      ['many/member-1', 1],
      ['many/member-3', 3],
      ['run-9', 1],
      ['run-10', 1],
    ]);
    expect(runs[2]).toMatchObject({
      folder: join(folder, 'run-9'),
      recipe: 'small',
      network: 'lenet-5',
      data: ['utkface', 'adience'],
      epochs: 4,
      plannedEpochs: 6,
      updates: 40,
      seconds: 240,
      best: { epoch: 3, figures: { mae: 7, 'loss.gender': 0.25 } },
    });
    expect(runs[3]).toMatchObject({ epochs: 0, updates: 0, seconds: 0, best: null });
  });

  it('reports a single run', async () => {
    const run = join(folder, 'alone');
    await begin(run);
    expect((await summarizeRuns(run)).runs.map(({ name }) => name)).toEqual(['alone']);
  });

  it('lists an ensemble of which no member has started', async () => {
    await begin(join(folder, 'many'), { members: 2 });
    expect((await summarizeRuns(folder)).runs.map(({ name }) => name)).toEqual(['many']);
  });

  it('reports the others if one is damaged', async () => {
    for (const name of ['a', 'b']) await begin(join(folder, name));
    await writeFile(join(folder, 'a', 'history.jsonl'), '{"kind":"nonsense"}\n');
    const { runs, problems } = await summarizeRuns(folder);
    expect(runs.map(({ name }) => name)).toEqual(['b']);
    expect(problems).toEqual([
      `Line 1 of '${join(folder, 'a', 'history.jsonl')}' is not an entry of a run's history`,
    ]);
  });

  it('refuses a folder without runs, and one that is missing', async () => {
    await expect(summarizeRuns(folder)).rejects.toThrow(
      `Folder '${folder}' is expected to hold runs of agewise train, found none`,
    );
    await expect(summarizeRuns(join(folder, 'none'))).rejects.toThrow('cannot be read: it does not exist');
  });
});
