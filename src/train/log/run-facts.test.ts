import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkRecipe } from '../recipe/load.js';
import { addStart, type NewRunFacts, readRunFacts, writeRunFacts } from './run-facts.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-facts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const recipe = checkRecipe(
  {
    name: 'small',
    title: 'A small network: "twice"',
    source: 'here',
    reports: 'nothing',
    network: { name: 'lenet-5' },
    heads: { age: { classes: 'groups-14' } },
    batch: 8,
    stages: [{ name: 'all', epochs: 1, rate: 0.001, optimizer: { kind: 'adam' } }],
  },
  'here',
);

const START = { command: ['agewise', 'train', 'small'], device: 'cpu', target: { block: 16 } } as const;

const FACTS: NewRunFacts = {
  ...START,
  recipe,
  seed: 7,
  stores: [
    {
      folder: '/data/utkface',
      id: 'utkface',
      title: 'Faces',
      terms: 'research',
      fingerprint: 'ab'.repeat(32),
      rows: 100,
    },
  ],
  split: { name: 'shares', counts: { train: 80, validation: 20 }, sha256: 'cd'.repeat(32) },
};

describe('the facts of a run', () => {
  it('are read unchanged written, with the versions and the machine', async () => {
    const run = join(folder, 'runs', 'first');
    await writeRunFacts(run, FACTS);
    expect((await readdir(run)).sort()).toEqual(['recipe.yaml', 'run.json']);
    const { starts, ...facts } = await readRunFacts(run);
    const { command, device, target, ...settled } = FACTS;
    expect(facts).toEqual({ format: 2, ...settled });
    expect(starts).toHaveLength(1);
    expect(starts[0]).toMatchObject({ command, device, target, versions: { node: process.versions.node } });
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(starts[0].versions.agewise).toBe(version);
    expect(starts[0].machine.memory).toBeGreaterThan(2 ** 28);
    expect(Math.abs(Date.now() - Date.parse(starts[0].date))).toBeLessThan(60_000);
  });

  it('hold the recipe with every default', async () => {
    await writeRunFacts(folder, FACTS);
    const document = parse(await readFile(join(folder, 'recipe.yaml'), 'utf8'));
    expect(document).toEqual(recipe);
    expect(document.input.crop).toBe('square');
  });

  it('list each time that the run was resumed', async () => {
    await writeRunFacts(folder, FACTS);
    await addStart(folder, { command: ['agewise', 'train', '--resume'], device: 'webgpu', target: 'webgpu' });
    const { starts, seed } = await readRunFacts(folder);
    expect(starts.map(({ device }) => device)).toEqual(['cpu', 'webgpu']);
    expect(seed).toBe(7);
  });

  it('of one store, as runs had them before, are read', async () => {
    await writeRunFacts(folder, FACTS);
    const path = join(folder, 'run.json');
    const { stores, ...rest } = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...rest, format: 1, store: stores[0] }));
    expect((await readRunFacts(folder)).stores).toEqual(FACTS.stores);
  });

  it('that are missing are named', async () => {
    await expect(readRunFacts(folder)).rejects.toThrow(
      `'${join(folder, 'run.json')}' cannot be read: it does not exist`,
    );
  });

  it.each([
    ['{"format":1', /run\.json' is not JSON$/],
    ['[]', /run\.json' does not hold the facts of a run: .*expected object/],
    ['{"format":3}', /run\.json' does not hold the facts of a run at 'format': /],
  ])('%s is wrong, which a sentence says', async (json, sentence) => {
    await writeRunFacts(folder, FACTS);
    await writeFile(join(folder, 'run.json'), json);
    await expect(readRunFacts(folder)).rejects.toThrow(sentence);
  });

  it('cannot be if a file is', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(writeRunFacts(join(path, 'run'), FACTS)).rejects.toThrow(
      `Folder '${join(path, 'run')}' cannot be made: a part of its path is not a folder`,
    );
  });
});
