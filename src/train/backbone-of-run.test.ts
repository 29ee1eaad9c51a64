/** A run's network as the backbone of another. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GREY_RECIPE, SIDE, trainSmallRun, writeGreyStore } from '../../test/support/small-run.js';
import { float32Values } from '../onnx/index.js';
import { firstGraph } from './first-graph.js';
import { checkRecipe } from './recipe/index.js';

const TIMEOUT = 60_000;

let folder: string;
let store: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-backbone-'));
  store = await writeGreyStore(join(folder, 'store'));
  const groups = { age: { classes: 'groups-8' as const } };
  await trainSmallRun(join(folder, 'cnn'), store, { heads: groups });
  await trainSmallRun(join(folder, 'dense'), store, { heads: groups, network: { name: 'dense-network' } });
}, TIMEOUT);
afterAll(() => rm(folder, { recursive: true }));

const sgd = { kind: 'sgd', momentum: 0.9, nesterov: true } as const;
const onRun = (run: string) => ({
  network: { name: 'al-resnet', backbone: `run:${join(folder, run)}` },
  heads: { age: { classes: 'groups-8' as const } },
  monitor: 'accuracy' as const,
  stages: [
    { name: 'region', train: 'heads' as const, branches: ['region'], epochs: 1, rate: 0.01, optimizer: sgd },
    { name: 'both', train: 'heads' as const, epochs: 1, rate: 0.01, optimizer: sgd },
  ],
});

it('gives the maps before its features to a network of branches', async () => {
  const recipe = checkRecipe({ ...GREY_RECIPE, ...onRun('cnn'), input: { size: SIDE, margin: 0.4 } }, 'own');
  const { assembled, weights } = await firstGraph(recipe, {});
  // Maps of 128 channels after three convolutions, whose weights are the run's.
  expect(weights.get('global.fc.weight')!.dims).toEqual([128, 256]);
  expect(weights.get('age_head.region.weight')!.dims).toEqual([128, 8]);
  expect(assembled.backbone.length).toBeGreaterThanOrEqual(6);
  expect(assembled.branches.map(({ name }) => name)).toEqual(['global', 'local', 'region']);
  const shares = Array.from(float32Values(weights.get('age_head.shares')!), Math.exp);
  expect(shares[0]).toBeCloseTo(2 / 3, 6);
  expect(shares[2]).toBe(0);
});

it('is refused in one sentence where it has no maps', async () => {
  const recipe = checkRecipe(
    { ...GREY_RECIPE, ...onRun('dense'), input: { size: SIDE, margin: 0.4 } },
    'own',
  );
  await expect(firstGraph(recipe, {})).rejects.toThrow(
    /^run:\S+dense: expected a backbone with maps \[N, F, H, W\], of which features are made, found none before '[^']+'$/,
  );
});

it('is refused in one sentence where its layers need pictures of another size', async () => {
  const size = 2 * SIDE;
  const recipe = checkRecipe({ ...GREY_RECIPE, ...onRun('dense'), input: { size, margin: 0.4 } }, 'own');
  await expect(firstGraph(recipe, {})).rejects.toThrow(
    `dense: expected a network that takes pictures of ${size}×${size}, found one made for ${SIDE}×${SIDE}, whose layers do not fit`,
  );
});

it('is refused in one sentence where it is of an ensemble', async () => {
  const ensemble = join(folder, 'ensemble');
  await trainSmallRun(ensemble, store, { heads: { age: { classes: 'groups-8' } }, members: 2 });
  const recipe = checkRecipe(
    { ...GREY_RECIPE, ...onRun('ensemble'), input: { size: SIDE, margin: 0.4 } },
    'own',
  );
  await expect(firstGraph(recipe, {})).rejects.toThrow(
    `run:${ensemble}: expected a run of one network, such as run:${join(ensemble, 'member-1')}, found an ensemble of 2`,
  );
});
