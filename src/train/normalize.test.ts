/** Mean and deviation of the data as the network's input. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GREY_RECIPE, SIDE, trainSmallRun, writeGreyStore } from '../../test/support/small-run.js';
import { partsBy, Store } from '../data/index.js';
import { readMetadata } from '../metadata/index.js';
import { openRun, runModel } from './open-run.js';
import { checkRecipe } from './recipe/index.js';

const TIMEOUT = 60_000;
const SHARES = { name: 'shares', shares: { train: 0.75, validation: 0.25 }, stratify: false } as const;

let folder: string;
let store: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-normalize-'));
  store = await writeGreyStore(join(folder, 'store'));
});
afterAll(() => rm(folder, { recursive: true }));

it(
  'is that of the training part, in the order of channels of the network, and the model says so',
  async () => {
    const input = { size: SIDE, margin: 0.4, color: 'BGR', normalize: 'data' } as const;
    const run = await trainSmallRun(join(folder, 'run'), store, { input, data: { split: SHARES } });
    const { facts, ...opened } = await openRun(run);
    const metadata = readMetadata(runModel({ facts, ...opened }), 'test');
    // Pictures are of one colour: 20 + 2.5 · age, 220 for men and 30 for women, and the first again.
    const grey: number[] = [];
    const green: number[] = [];
    const opening = await Store.open(store);
    const learnt = new Set((await partsBy(opening, SHARES, 0)).parts.get('train'));
    for await (const row of opening.rows()) {
      if (!learnt.has(row.index)) continue;
      // sharp cuts fractions off.
      grey.push(Math.floor(20 + 2.5 * (row.age as { age: number }).age));
      green.push(row.gender === 'male' ? 220 : 30);
    }
    await opening.close();
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const deviation = (values: number[]) =>
      Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    const channels = [grey, green, grey];
    channels.forEach((values, c) => {
      expect(Math.abs(metadata.input.mean[c]! - mean(values))).toBeLessThan(0.1);
      expect(metadata.input.scale[c]! * deviation(values)).toBeCloseTo(1, 2);
    });
    expect(facts.recipe.input).toMatchObject({ normalize: 'network', mean: metadata.input.mean });
  },
  TIMEOUT,
);

it('is refused beside a mean', () => {
  const input = { size: SIDE, normalize: 'data', mean: [1, 2, 3] } as const;
  expect(() => checkRecipe({ ...GREY_RECIPE, input: { ...input, mean: [1, 2, 3] } }, 'own')).toThrow(
    "'normalize: data' measures mean and scale; neither can be given beside it",
  );
});
