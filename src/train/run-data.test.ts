/** The faces of a run, as they are drawn. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { GREY_RECIPE, writeGreyStore } from '../../test/support/small-run.js';
import type { AgeLabel } from '../age/index.js';
import {
  type Batch,
  Loader,
  makeSplit,
  readGivenSplit,
  Store,
  StoreUnion,
  writeSplit,
} from '../data/index.js';
import { randomWeights } from '../networks/index.js';
import { assemble } from './graph/index.js';
import { type RecipeDocument, recipeSchema } from './recipe/schema.js';
import { openRunData, withStoredSplit } from './run-data.js';
import { startLoaders } from './run-loaders.js';

const EPOCHS = 10;

let folder: string;
let store: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-run-data-'));
  store = await writeGreyStore(join(folder, 'store'), {
    count: 80,
    age: (row) => (row < 60 ? 5 : row < 76 ? 30 : 70),
    gender: (row) => (row % 8 === 0 ? 'male' : 'female'),
  });
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** How often each label is drawn in some epochs, as a share of all. */
async function shares(
  heads: RecipeDocument['heads'],
  sampling: RecipeDocument['sampling'],
  label: (batch: Batch) => readonly unknown[],
): Promise<number[]> {
  const recipe = recipeSchema.parse({
    ...GREY_RECIPE,
    network: { name: 'softmax-regression' },
    heads,
    data: { store, split: { name: 'shares', shares: { train: 0.75, validation: 0.25 }, stratify: true } },
    batch: 10,
    sampling,
    monitor: 'loss',
  });
  const data = await openRunData(recipe);
  const loaders = await startLoaders(recipe, assemble(recipe, randomWeights(0)), data);
  const counts = new Map<unknown, number>();
  let drawn = 0;
  for await (const batch of loaders.train.batches({ epochs: EPOCHS })) {
    for (const key of label(batch)) counts.set(key, (counts.get(key) ?? 0) + 1);
    drawn += batch.rows.length;
  }
  await loaders.close();
  await data.stores.close();
  return [...counts.values()].map((count) => count / drawn).sort();
}

const startSmall = async () => {
  const recipe = recipeSchema.parse({
    ...GREY_RECIPE,
    network: { name: 'softmax-regression' },
    data: { store, split: { name: 'shares', shares: { train: 0.75, validation: 0.25 }, stratify: true } },
  });
  const data = await openRunData(recipe);
  const start = () => startLoaders(recipe, assemble(recipe, randomWeights(0)), data);
  return { data, start };
};

describe('the loaders of a run', () => {
  it('read the labels of both parts in one go', async () => {
    const { data, start } = await startSmall();
    const rows = vi.spyOn(StoreUnion.prototype, 'rows');
    const loaders = await start();
    expect(rows).toHaveBeenCalledOnce();
    const stored: (AgeLabel | undefined)[] = [];
    for await (const { age } of data.stores.rows()) stored.push(age);
    const seen: number[] = [];
    for await (const batch of loaders.validation.batches({ epochs: 1 })) {
      expect(batch.ages).toEqual([...batch.rows].map((row) => stored[row]));
      seen.push(...batch.rows);
    }
    expect(seen).toEqual([...data.validation]);
    await loaders.close();
    await data.stores.close();
  });

  it('leave no threads behind if the second cannot be started', async () => {
    const { data, start } = await startSmall();
    const create = Loader.create.bind(Loader);
    vi.spyOn(Loader, 'create').mockImplementationOnce(create).mockRejectedValueOnce(new Error('no threads'));
    const close = vi.spyOn(Loader.prototype, 'close');
    await expect(start()).rejects.toThrow('no threads');
    expect(close).toHaveBeenCalledOnce();
    await data.stores.close();
  });
});

describe('cross-validation', () => {
  const open = (train: unknown, validation = 'fold1') =>
    openRunData(
      recipeSchema.parse({
        ...GREY_RECIPE,
        data: { store, split: { name: 'folds', folds: 4, stratify: false }, train, validation },
      }),
    );
  const rowsOf = async (train: unknown) => {
    const data = await open(train);
    await data.stores.close();
    return data;
  };

  it('learns from the folds that are named, rows in the order of the store', async () => {
    const [zero, two, both] = [
      await rowsOf('fold0'),
      await rowsOf('fold2'),
      await rowsOf(['fold2', 'fold0']),
    ];
    expect(both.learnt).toBe('fold2+fold0');
    expect([...both.train]).toEqual([...zero.train, ...two.train].sort((a, b) => a - b));
  });

  it('learns from all folds but those that are left out and the one that chooses among weights', async () => {
    const { train, validation, learnt } = await rowsOf({ except: 'fold3' });
    const { train: tested } = await rowsOf('fold3');
    expect(learnt).toBe('fold0+fold2');
    expect([...train, ...validation, ...tested].sort((a, b) => a - b)).toEqual([...Array(80).keys()]);
    expect((await rowsOf({ except: 'fold1' })).learnt).toBe('fold0+fold2+fold3');
  });

  it('names a part that does not exist, and says if none is left', async () => {
    await expect(open({ except: 'fold7' })).rejects.toThrow("the recipe names 'fold7'");
    await expect(open({ except: ['fold0', 'fold2', 'fold3'] })).rejects.toThrow('leaves none to learn from');
  });
});

describe('a split that is given', () => {
  const open = (split: string) =>
    openRunData(
      recipeSchema.parse({
        ...GREY_RECIPE,
        data: { store, split: { name: 'given', split }, train: 'a', validation: 'b' },
      }),
    );

  it('divides the rows as its table did, and stays in the recipe by its name', async () => {
    const opened = await Store.open(store);
    const table = join(folder, 'table.csv');
    await writeFile(
      table,
      `row,part\n${[...Array(80).keys()].map((row) => `${row},${'ab'[row % 2]}`).join('\n')}\n`,
    );
    const { document } = await readGivenSplit(table, opened, 'mine');
    await writeSplit(join(store, 'mine.split.json'), document);
    await writeSplit(
      join(store, 'named.split.json'),
      await makeSplit(opened, { name: 'shares', shares: { a: 0.5, b: 0.5 }, stratify: false }, 4),
    );
    await opened.close();
    for (const name of ['mine', 'named']) {
      const data = await open(name);
      await data.stores.close();
      expect(data.notice).toBeUndefined();
      const recipe = recipeSchema.parse({ ...GREY_RECIPE, data: { split: { name: 'given', split: name } } });
      expect(withStoredSplit(recipe, data)).toEqual(recipe);
      if (name === 'mine') expect([...data.train]).toEqual([...Array(40).keys()].map((i) => 2 * i));
    }
  });

  it('is recorded by its name where a recipe names another method that would lead to another file', async () => {
    const opened = await Store.open(store);
    const method = { name: 'folds', folds: 4, stratify: false } as const;
    await writeSplit(join(store, 'authors.split.json'), await makeSplit(opened, method, 4));
    await opened.close();
    const recipe = recipeSchema.parse({
      ...GREY_RECIPE,
      data: { store, split: { name: 'authors' }, train: 'fold0', validation: 'fold1' },
    });
    const data = await openRunData(recipe);
    await data.stores.close();
    expect(data.notice).toContain('"folds":4');
    const recorded = withStoredSplit(recipe, data);
    expect(recorded.data).toMatchObject({ split: { name: 'given', split: 'authors' }, splitSeed: 4 });
    const reopened = await openRunData(recorded);
    await reopened.stores.close();
    expect(reopened.train).toEqual(data.train);
  });

  it('is expected to be there', async () => {
    await expect(open('nobody')).rejects.toThrow("expected a split 'nobody' in it");
  });
});

const ages = (batch: Batch) => batch.ages.map((age) => JSON.stringify(age));

describe('sampling by classes', () => {
  it('draws each age class as often, however many faces it has', async () => {
    const stored = await shares({ age: { classes: 'groups-8' } }, 'shuffled', ages);
    expect(stored[0]).toBeLessThan(0.1);
    const drawn = await shares({ age: { classes: 'groups-8' } }, 'classes', ages);
    expect(drawn).toHaveLength(3);
    for (const share of drawn) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.06);
  });

  it('draws each gender as often if no age is learnt', async () => {
    const drawn = await shares({ gender: {} }, 'classes', (batch) => batch.genders);
    expect(drawn).toHaveLength(2);
    for (const share of drawn) expect(Math.abs(share - 1 / 2)).toBeLessThan(0.06);
  });
});
