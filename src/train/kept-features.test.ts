/** What is frozen is computed once per face, and training comes to the same. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GREY_RECIPE, trainSmallRun, writeGreyStore } from '../../test/support/small-run.js';
import { float32Values } from '../onnx/index.js';
import { loadCheckpoint } from './checkpoint.js';
import { firstGraph } from './first-graph.js';
import { frozenPart } from './frozen-part.js';
import { readHistory } from './log/index.js';
import { checkRecipe, type RecipeDocument } from './recipe/index.js';
import { runFiles } from './run-folder.js';
import { changedNames } from './stage-step.js';
import { resume, train } from './train.js';

const TIMEOUT = 120_000;

let folder: string;
let store: string;
let backbone: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-kept-'));
  store = await writeGreyStore(join(folder, 'store'));
  backbone = `run:${await trainSmallRun(join(folder, 'backbone'), store)}`;
}, TIMEOUT);
afterAll(() => rm(folder, { recursive: true }));

const optimizer = { kind: 'sgd', momentum: 0.9, nesterov: true } as const;
const STAGE = { epochs: 3, rate: 0.01, optimizer } as const;

/** New heads on a frozen network, and all of it. */
const onRun = (changes: Partial<RecipeDocument> = {}): RecipeDocument => ({
  ...GREY_RECIPE,
  network: { backbone },
  heads: { age: { classes: 'groups-8' }, gender: {} },
  stages: [
    { ...STAGE, name: 'heads', train: 'heads' },
    { ...STAGE, name: 'more', train: 'heads' },
    { ...STAGE, name: 'whole', epochs: 1 },
  ],
  ...changes,
});

const epochsOf = async (run: string) =>
  (await readHistory(run)).flatMap((entry) =>
    entry.kind === 'epoch' ? [{ ...entry.train, ...entry.validation! }] : [],
  );
const stateOf = async (run: string) => (await loadCheckpoint(runFiles(run).last)).state;
const kept = async (run: string) => (await readdir(run)).filter((name) => name.startsWith('features-'));

describe('a run that keeps what is frozen', () => {
  it(
    'comes to what another comes to, and leaves nothing behind',
    async () => {
      const [plain, other] = [join(folder, 'plain'), join(folder, 'kept')];
      await train(checkRecipe(onRun(), 'own'), plain, [store], { threads: 1 });
      await train(checkRecipe(onRun({ keepFrozen: true }), 'own'), other, [store], { threads: 1 });
      const [expected, found] = await Promise.all([plain, other].map(epochsOf));
      expect(found).toHaveLength(7);
      for (const [i, figures] of expected!.entries()) {
        // Batch norm is folded in one and not in the other, so that numbers differ in their last digits.
        for (const [name, value] of Object.entries(figures)) expect(found![i]![name]).toBeCloseTo(value, 3);
      }
      const [a, b] = await Promise.all([plain, other].map(stateOf));
      expect([...b!.keys()]).toEqual([...a!.keys()]);
      const weight = (state: typeof a) => float32Values(state!.get('age_head.weight')!);
      const difference = weight(a).map((value, i) => Math.abs(value - weight(b)[i]!));
      expect(Math.max(...difference)).toBeLessThan(1e-3);
      expect(await kept(other)).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'goes on with what is there after it was stopped, to the same weights',
    async () => {
      const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')];
      const recipe = checkRecipe(onRun({ keepFrozen: true }), 'own');
      await train(recipe, whole, [store], { threads: 1 });
      for (const steps of [2, 5]) {
        const stop = new AbortController();
        const options = {
          threads: 1,
          signal: stop.signal,
          onStep: ({ step }: { readonly step: number }) => step === steps && stop.abort(),
        };
        if (steps === 2) await train(recipe, stopped, [store], options);
        else await resume(stopped, options);
        expect(await kept(stopped)).toHaveLength(2);
      }
      await resume(stopped, { threads: 1 });
      const [a, b] = await Promise.all([whole, stopped].map(stateOf));
      for (const [name, { data }] of a!) expect(Buffer.compare(data, b!.get(name)!.data), name).toBe(0);
    },
    TIMEOUT,
  );
});

describe('the frozen part', () => {
  const parts = async (changes: Partial<RecipeDocument>) => {
    const recipe = checkRecipe(onRun(changes), 'own');
    const { assembled, weights } = await firstGraph(recipe, {});
    return recipe.stages.map((stage) =>
      frozenPart(assembled, weights, changedNames(recipe, stage, assembled)),
    );
  };

  it('ends where something is trained, and is none where all is', async () => {
    const network = { name: 'al-resnet', backbone };
    const [region, both, whole] = await parts({ network, heads: { age: {} } });
    expect(whole).toBeUndefined();
    for (const part of [region!, both!]) {
      expect(part.rest.backbone).toEqual([]);
      expect(part.rest.forward.graph.inputs.map(({ name }) => name)).not.toContain('images');
      // 128 maps of the small network, and their means.
      expect(part.values.map(({ shape }) => shape[0])).toEqual([128, 128]);
    }
  });

  it('ends before dropout, which differs from update to update', async () => {
    const stages = [{ ...STAGE, name: 'heads', train: 'heads' as const }];
    const network = { name: 'deep-age-4c2f' };
    const [part] = await parts({ network, input: { size: 64, margin: 0.4 }, stages });
    expect(part!.stem.graph.nodes.map(({ op }) => op)).not.toContain('Dropout');
    expect(part!.rest.forward.graph.nodes.map(({ op }) => op)).toContain('Dropout');
  });

  it('is not for augmented pictures', () => {
    expect(() => checkRecipe(onRun({ keepFrozen: true, augment: {} }), 'own')).toThrow(
      "'keepFrozen' is for pictures that look the same in each epoch; it cannot be used with 'augment'",
    );
  });
});
