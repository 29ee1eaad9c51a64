/** Backbones and weights know which pictures they have learned from, and are not tested on them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GREY_RECIPE, SIDE, trainSmallRun, writeGreyStore } from '../../test/support/small-run.js';
import { partsBy, Store } from '../data/index.js';
import { readMetadata } from '../metadata/index.js';
import { writeModelFile } from '../onnx/file.js';
import { exportRuns } from './export/index.js';
import { type RecipeDocument, RecipeError } from './recipe/index.js';

const TIMEOUT = 120_000;

const SHARES = {
  name: 'shares',
  shares: { train: 0.5, validation: 0.25, test: 0.25 },
  stratify: false,
} as const;
const FOLDS = { name: 'folds', folds: 4, stratify: false } as const;

let folder: string;
let store: string;
let other: string;
let backbone: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-seen-'));
  store = await writeGreyStore(join(folder, 'store'));
  // Other labels make another fingerprint; the pictures are as many.
  other = await writeGreyStore(join(folder, 'other'), { gender: () => undefined });
  const run = await trainSmallRun(join(folder, 'run'), store, { data: { split: SHARES } });
  backbone = join(folder, 'backbone.onnx');
  await writeModelFile(backbone, (await exportRuns([run])).model);
}, TIMEOUT);
afterAll(() => rm(folder, { recursive: true }));

const onBackbone = (file: string, data: RecipeDocument['data']): Partial<RecipeDocument> => ({
  network: { backbone: file },
  input: { ...GREY_RECIPE.input, size: SIDE },
  heads: { age: {} },
  data,
  stages: [{ name: 'heads', train: 'heads', epochs: 1, rate: 0.01, optimizer: { kind: 'adam' } }],
});

const LEFT_OUT = { split: FOLDS, train: { except: 'fold0' }, validation: 'fold1' } as const;

/** How many pictures of fold 0 the run of shares has learned from. */
async function seen(of: string): Promise<{ seen: number; rows: number }> {
  const opened = await Store.open(of);
  try {
    const [shares, folds] = await Promise.all([partsBy(opened, SHARES, 0), partsBy(opened, FOLDS, 0)]);
    const learnt = new Set(shares.parts.get('train'));
    const tested = [...folds.parts.get('fold0')!];
    return { seen: tested.filter((row) => learnt.has(row)).length, rows: tested.length };
  } finally {
    await opened.close();
  }
}

it('a backbone is trained further in its own split, and the model lists both runs', async () => {
  const run = await trainSmallRun(join(folder, 'same'), store, onBackbone(backbone, { split: SHARES }));
  const { trainedOn } = readMetadata((await exportRuns([run])).model, 'test');
  // The same part twice is listed once.
  expect(trainedOn).toMatchObject([{ set: 'grey', split: 'shares', method: SHARES, seed: 0, part: 'train' }]);
});

it.each([
  ['a file', () => backbone],
  ['a run', () => `run:${join(folder, 'run')}`],
])('%s that has learned from the part to test is refused, with the number of pictures', async (_, file) => {
  const counts = await seen(store);
  expect(counts.seen).toBeGreaterThan(0);
  await expect(trainSmallRun(join(folder, 'refused'), store, onBackbone(file(), LEFT_OUT))).rejects.toThrow(
    new RecipeError(
      `Recipe 'grey': network.backbone: expected one that has learned from no picture to test on, found ${file()}, which has learned from ${counts.seen} of the ${counts.rows} of part 'fold0' of ${store}; its own split leaves them out: --set data.split='${JSON.stringify(SHARES)}'`,
    ),
  );
});

it.each([
  ['a checkpoint', 'small-cnn', async (run: string) => join(run, 'best.safetensors')],
  // Without batch norm, which a model has folded into its convolutions.
  ['a model', 'lenet-5', modelOf],
])('so are the weights of %s, which are trained further in their own split', async (_, name, fileOf) => {
  const before = await trainSmallRun(join(folder, `before-${name}`), store, {
    network: { name },
    data: { split: SHARES },
  });
  const weights = await fileOf(before);
  const counts = await seen(store);
  await expect(
    trainSmallRun(join(folder, 'refused'), store, { network: { name, weights }, data: LEFT_OUT }),
  ).rejects.toThrow(
    new RecipeError(
      `Recipe 'grey': network.weights: expected one that has learned from no picture to test on, found ${weights}, which has learned from ${counts.seen} of the ${counts.rows} of part 'fold0' of ${store}; its own split leaves them out: --set data.split='${JSON.stringify(SHARES)}'`,
    ),
  );
  const run = await trainSmallRun(join(folder, `further-${name}`), store, {
    network: { name, weights },
    data: { split: SHARES },
  });
  expect(readMetadata((await exportRuns([run])).model, 'test').trainedOn).toHaveLength(1);
});

async function modelOf(run: string): Promise<string> {
  const file = `${run}.onnx`;
  await writeModelFile(file, (await exportRuns([run])).model);
  return file;
}

it('so is one that has learned from another import of the same set', async () => {
  const counts = await seen(other);
  await expect(trainSmallRun(join(folder, 'refused'), other, onBackbone(backbone, LEFT_OUT))).rejects.toThrow(
    `has learned from ${counts.seen} of the ${counts.rows} of part 'fold0' of ${other}`,
  );
});

it('what a backbone had learned from before is passed on', async () => {
  const onwards = await trainSmallRun(
    join(folder, 'onwards'),
    other,
    onBackbone(backbone, { split: SHARES }),
  );
  await expect(
    trainSmallRun(join(folder, 'refused'), store, onBackbone(`run:${onwards}`, LEFT_OUT)),
  ).rejects.toThrow('which has learned from');
  const { trainedOn } = readMetadata((await exportRuns([onwards])).model, 'test');
  expect(new Set(trainedOn!.map(({ fingerprint }) => fingerprint)).size).toBe(2);
});
