/** Runs from the beginning to the end, on faces whose grey is their age. */
import { access, cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GREY_RECIPE, SIDE, writeGreyStore } from '../../test/support/small-run.js';
import { Loader } from '../data/index.js';
import { writeModelFile } from '../onnx/file.js';
import { float32Values, GraphBuilder, type Tensor } from '../onnx/index.js';
import { loadCheckpoint } from './checkpoint.js';
import { compare } from './export/compare.js';
import { exportRuns } from './export/index.js';
import { readEnsembleFigures, readHistory } from './log/index.js';
import type { EpochEntry } from './log/types.js';
import type { StepReport } from './loop.js';
import { openRun, runModel } from './open-run.js';
import { type RecipeDocument, recipeSchema } from './recipe/schema.js';
import { reopenRunData } from './run-data.js';
import { memberFolder, runFiles } from './run-folder.js';
import { StepRunner } from './step-runner.js';
import { resume, train } from './train.js';
import type { TrainOptions } from './train-options.js';

const FACES = 60;

let folder: string;
let store: string;
/** The same faces without gender. */
let bare: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-train-'));
  store = await writeGreyStore(join(folder, 'store'), { count: FACES });
  bare = await writeGreyStore(join(folder, 'bare'), { count: FACES, gender: () => undefined });
});
afterAll(() => rm(folder, { recursive: true }));

const STAGE: RecipeDocument['stages'][number] = {
  name: 'fit',
  epochs: 3,
  rate: 0.01,
  optimizer: { kind: 'sgd', momentum: 0.9 },
};

const recipe = (changes: Partial<RecipeDocument> = {}) =>
  recipeSchema.parse({
    ...GREY_RECIPE,
    heads: { age: { classes: 'groups-8' }, gender: {} },
    data: { split: { name: 'shares', shares: { train: 0.7, validation: 0.3 }, stratify: false } },
    batch: 8,
    augment: { mixup: { alpha: 0.2 } },
    stages: [STAGE],
    ...changes,
  });

const newFolder = () => join(folder, `run-${runs++}`);
const run = (changes: Partial<RecipeDocument> = {}, options: TrainOptions = {}, data = store) =>
  train(recipe(changes), newFolder(), [data], { threads: 1, ...options });

const epochsOf = async (path: string) =>
  (await readHistory(path)).filter((entry): entry is EpochEntry => entry.kind === 'epoch');

/** Compares bytes, which is quick where a state has millions of numbers. */
function mustBeSame(state: ReadonlyMap<string, Tensor>, other: ReadonlyMap<string, Tensor>): void {
  expect([...state.keys()]).toEqual([...other.keys()]);
  for (const [name, { data }] of state) expect(Buffer.compare(data, other.get(name)!.data), name).toBe(0);
}

/** Aborts after this number of updates. */
function stopAfter(steps: number): TrainOptions {
  const stop = new AbortController();
  return {
    threads: 1,
    signal: stop.signal,
    onStep({ step }) {
      if (step === steps) stop.abort();
    },
  };
}

describe('a run', () => {
  it('learns, keeps its best weights, and makes a model of them', async () => {
    const [outcome] = await run({
      augment: false,
      heads: { age: { classes: '0-100', spread: 3 }, gender: {} },
      stages: [{ ...STAGE, epochs: 12, optimizer: { kind: 'adamw' }, rate: 0.003 }],
    });
    expect(outcome!.done).toBe(true);
    const epochs = await epochsOf(outcome!.folder);
    expect(epochs.at(-1)!.train.loss).toBeLessThan(0.9 * epochs[0]!.train.loss!);
    const best = epochs.filter((entry) => entry.best).at(-1)!;
    expect(best.validation!.mae).toBe(Math.min(...epochs.map((entry) => entry.validation!.mae!)));
    expect(best.validation!.gender).toBe(1);
    const opened = await openRun(outcome!.folder);
    expect(opened.figures.mae).toBe(best.validation!.mae);
    const model = runModel(opened);
    expect(JSON.parse(model.metadata.get('agewise')!)).toMatchObject({ name: 'grey', age: { name: 'age' } });
  });

  it.each([
    ['in mid-epoch', 7],
    ['at an epoch’s end', 5],
  ])('that was stopped %s continues to the same weights and the same history', async (_, steps) => {
    const changes = {
      stages: [
        { ...STAGE, epochs: 2 },
        { ...STAGE, name: 'more', epochs: 2 },
      ],
      average: 0.9,
    };
    const [whole] = await run(changes);
    const [stopped] = await run(changes, stopAfter(steps));
    expect(stopped).toMatchObject({ done: false, progress: { step: steps } });
    const [resumed] = await resume(stopped!.folder, { threads: 1 });
    expect(resumed!.done).toBe(true);
    const [a, b] = await Promise.all(
      [whole!, resumed!].map(async (outcome) => (await loadCheckpoint(runFiles(outcome.folder).last)).state),
    );
    mustBeSame(b!, a!);
    const figures = async (path: string) =>
      (await epochsOf(path)).map(({ epoch, train, validation }) => ({ epoch, train, validation }));
    expect(await figures(resumed!.folder)).toEqual(await figures(whole!.folder));
  });

  it('that is done is prolonged to what two stages in its recipe would have come to', async () => {
    const stages = [
      { ...STAGE, epochs: 2 },
      { ...STAGE, name: 'fit-2', epochs: 1 },
    ];
    const [whole] = await run({ stages, average: 0.9 });
    const [done] = await run({ stages: stages.slice(0, 1), average: 0.9 });
    const [longer] = await resume(done!.folder, { threads: 1, prolong: 1 });
    expect(longer).toMatchObject({ done: true, progress: { epoch: 3, stage: 2 } });
    const [a, b] = await Promise.all(
      [whole!, longer!].map(async (outcome) => (await loadCheckpoint(runFiles(outcome.folder).last)).state),
    );
    mustBeSame(b!, a!);
    const { facts } = await openRun(longer!.folder);
    expect(facts.recipe.stages).toEqual(recipe({ stages }).stages);
    await resume(longer!.folder, { threads: 1, prolong: 1 });
    expect((await openRun(longer!.folder)).facts.recipe.stages[2]).toMatchObject({
      name: 'fit-3',
      epochs: 1,
    });
  });

  it('is prolonged once it is done', async () => {
    const [stopped] = await run({}, stopAfter(1));
    await expect(resume(stopped!.folder, { threads: 1, prolong: 1 })).rejects.toThrow(
      `Run '${stopped!.folder}' is expected to be done before it is prolonged, found 0 of 1 stages done`,
    );
    expect((await openRun(stopped!.folder, { last: true })).facts.recipe.stages).toHaveLength(1);
  });

  it('copies its state once if a stage ends, and only weights to evaluate them', async () => {
    const read = vi.spyOn(StepRunner.prototype, 'getState');
    await run({ stages: [{ ...STAGE, epochs: 1 }] });
    expect(read.mock.calls).toEqual([[['weight', 'statistic']], []]);
    vi.restoreAllMocks();
  });

  it('that was stopped before its first step continues', async () => {
    const stop = new AbortController();
    const options = { threads: 1, signal: stop.signal, onStart: () => stop.abort() };
    const [stopped] = await run({ stages: [{ ...STAGE, epochs: 1 }] }, options);
    expect(stopped).toMatchObject({ done: false, progress: { step: 0 } });
    expect(await resume(stopped!.folder, { threads: 1 })).toMatchObject([{ done: true }]);
  });

  it('keeps its time if the clock is set back, and continues', async () => {
    const { now } = Date;
    let back = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => {
      back += 3_600_000;
      return now() - back;
    });
    try {
      const [stopped] = await run({ stages: [{ ...STAGE, epochs: 1 }] }, stopAfter(3));
      expect(stopped!.progress.seconds).toBeGreaterThan(0);
      const [resumed] = await resume(stopped!.folder, { threads: 1 });
      expect(resumed).toMatchObject({ done: true });
      expect(resumed!.progress.seconds).toBeGreaterThan(stopped!.progress.seconds);
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('resumes if its store has been moved to', async () => {
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    await cp(store, before, { recursive: true });
    const [stopped] = await run({ stages: [{ ...STAGE, epochs: 1 }] }, stopAfter(1), before);
    await rename(before, after);
    await expect(resume(stopped!.folder, { threads: 1 })).rejects.toThrow(before);
    await expect(resume(stopped!.folder, { threads: 1, folders: [bare] })).rejects.toThrow(
      `${bare}: the store differs from the one that the run started with`,
    );
    expect(await resume(stopped!.folder, { threads: 1, folders: [after] })).toMatchObject([{ done: true }]);
  });

  it('trains only heads if a stage says so, starting from the best weights', async () => {
    const [outcome] = await run({
      stages: [
        { ...STAGE, name: 'frozen', train: 'heads', epochs: 1 },
        { ...STAGE, name: 'whole', epochs: 1, fromBest: true },
      ],
    });
    const { facts, assembled } = await openRun(outcome!.folder);
    expect(facts.recipe.stages.map((stage) => stage.name)).toEqual(['frozen', 'whole']);
    const [frozen] = await run({ stages: [{ ...STAGE, train: 'heads', epochs: 1 }] });
    const [untrained] = await run({ stages: [{ ...STAGE, rate: 1e-30, epochs: 1 }] });
    const weights = async (path: string) => (await openRun(path, { last: true })).weights;
    const [a, b, c] = await Promise.all([frozen!, untrained!, outcome!].map((o) => weights(o.folder)));
    for (const name of assembled.backbone) {
      // The other's bias of zeros has moved by the rate of 1e-30.
      const before = float32Values(b!.get(name)!);
      for (const [i, v] of float32Values(a!.get(name)!).entries())
        expect(v, name).toBeCloseTo(before[i]!, 20);
    }
    const [first] = assembled.backbone;
    expect(float32Values(c!.get(first!)!)).not.toEqual(float32Values(a!.get(first!)!));
    const [head] = assembled.heads;
    expect(float32Values(a!.get(head!)!)).not.toEqual(float32Values(b!.get(head!)!));
  });

  it('learns on a backbone of a user’s file, prepared as the recipe says', async () => {
    const g = new GraphBuilder({ name: 'foreign' });
    const values = Float32Array.from({ length: 8 * 3 * 9 }, (_, i) => Math.sin(i) / 5);
    const weight = g.parameter('w', 'float32', [8, 3, 3, 3], values);
    const maps = g.op('Relu', [g.op('Conv', [g.input('in', 'float32', ['N', 3, SIDE, SIDE]), weight])]);
    g.output(g.op('Flatten', [g.op('GlobalAveragePool', [maps])]), 'features');
    const file = join(folder, 'foreign.onnx');
    await writeModelFile(file, g.build());
    const facts = { color: 'RGB', mean: [128, 128, 128], scale: [0.01, 0.01, 0.01] } as const;
    const [outcome] = await run({
      network: { backbone: file },
      input: { size: SIDE, margin: 0.4, ...facts, mean: [...facts.mean], scale: [...facts.scale] },
      stages: [{ ...STAGE, epochs: 1 }],
    });
    const { assembled, weights } = await openRun(outcome!.folder);
    expect(assembled.input).toMatchObject(facts);
    expect(float32Values(weights.get('w')!)).not.toEqual(values);
  });

  it('accumulates micro-batches to the same update as whole batches', async () => {
    const changes = { augment: false as const, stages: [{ ...STAGE, epochs: 1 }] };
    const network = { name: 'softmax-regression' };
    const [whole] = await run({ ...changes, network });
    const [parts] = await run({ ...changes, network, microBatches: 4 });
    const [a, b] = await Promise.all(
      [whole!, parts!].map(async (o) => (await openRun(o.folder, { last: true })).weights),
    );
    for (const [name, tensor] of a!) {
      const found = float32Values(b!.get(name)!);
      for (const [i, v] of float32Values(tensor).entries()) expect(found[i]).toBeCloseTo(v, 5);
    }
  });

  it('ends a stage that no longer gets better', async () => {
    const [outcome] = await run({
      network: { name: 'softmax-regression' },
      stages: [{ ...STAGE, rate: 1e-30, epochs: 50, patience: 2 }],
    });
    expect(outcome).toMatchObject({ done: true, progress: { epoch: 3 } });
  });

  it('that was stopped does not resume if its store was divided again', async () => {
    const divided = join(folder, 'divided');
    await cp(store, divided, { recursive: true });
    const [outcome] = await run({}, stopAfter(1), divided);
    await rm(join(divided, 'shares.split.json'));
    await run({ data: { ...recipe().data, splitSeed: 1 } }, stopAfter(1), divided);
    await expect(resume(outcome!.folder, { threads: 1 })).rejects.toThrow(
      `${divided}: split 'shares' differs from the one that the run started with`,
    );
  });

  it('ends a stage that has learnt enough, if that is requested', async () => {
    const reports: StepReport[] = [];
    const stage = {
      ...STAGE,
      epochs: 200,
      optimizer: { kind: 'adam' },
      rate: 0.003,
      untilShare: 0.5,
    } as const;
    const changes = { augment: false as const, stages: [stage] };
    const [stopped] = await run(changes, stopAfter(2));
    const [outcome] = await resume(stopped!.folder, { threads: 1, onStep: (report) => reports.push(report) });
    const epochs = await epochsOf(outcome!.folder);
    expect(epochs.length).toBeLessThan(200);
    const { firstLoss } = reports.at(-1)!;
    expect(firstLoss).toBeGreaterThan(0.9 * Math.log(8 * 2));
    const reached = epochs.map(({ train }) => train.loss! < 0.5 * firstLoss);
    expect(reached).toEqual(epochs.map((_, i) => i === epochs.length - 1));
  });

  it('stops at a loss that is no number, names the step, and keeps the last checkpoint', async () => {
    const path = newFolder();
    const explode = { ...STAGE, name: 'explode', rate: 999 };
    const exploding = recipe({
      augment: false,
      stages: [
        { ...STAGE, epochs: 1 },
        { ...explode, epochs: 50 },
      ],
    });
    await expect(train(exploding, path, [store], { threads: 1 })).rejects.toThrow(/step \d+/);
    const { state } = await loadCheckpoint(runFiles(path).last);
    for (const [name, tensor] of state) {
      expect(float32Values(tensor).every(Number.isFinite), name).toBe(true);
    }
  });

  it('reports if the store was divided before, otherwise than its recipe says', async () => {
    const notices: string[] = [];
    const options = { ...stopAfter(1), onNotice: (message: string) => notices.push(message) };
    const shares = { train: 0.6, validation: 0.4 };
    await run({}, options);
    expect(notices).toEqual([]);
    const [outcome] = await run({ data: { split: { name: 'shares', shares, stratify: false } } }, options);
    expect(notices).toEqual([
      `${join(store, 'shares.split.json')} divides the store, but was made by ` +
        '{"name":"shares","shares":{"train":0.7,"validation":0.3},"stratify":false} with seed 0, not as the recipe says',
    ]);
    const { facts } = await openRun(outcome!.folder, { last: true });
    expect(facts.recipe.data.split).toMatchObject({ shares: { train: 0.7, validation: 0.3 } });
    expect(facts.split).toMatchObject({ method: facts.recipe.data.split, seed: 0 });
  });

  it('records its command without the secrets of addresses', async () => {
    const command = ['train', 'grey', '--set', 'title=https://anna:geheim@example.org/a?sig=1'];
    const [outcome] = await run({}, { ...stopAfter(1), command });
    const { facts } = await openRun(outcome!.folder, { last: true });
    expect(facts.starts[0].command).toEqual([
      ...command.slice(0, 3),
      'title=https://***@example.org/a?sig=***',
    ]);
  });

  it('warns once of a network that says the same of everybody', async () => {
    const [outcome] = await run({ stages: [{ ...STAGE, rate: 1e-30, epochs: 2 }] });
    const notices = (await readHistory(outcome!.folder)).filter((entry) => entry.kind === 'notice');
    expect(notices.map(({ message }) => message)).toEqual([
      expect.stringContaining('nearly the same for every face'),
    ]);
  });

  it('shows the validation loss of each head, whose sum is the loss', async () => {
    const [outcome] = await run({ heads: { age: { classes: 'groups-8' }, gender: { factor: 0.5 } } });
    for (const { validation } of await epochsOf(outcome!.folder)) {
      const { loss, 'loss.crossEntropy': age, 'loss.gender': gender } = validation!;
      expect(loss).toBeCloseTo(age! + 0.5 * gender!, 5);
    }
  });

  it('keeps the confusion matrix of each best epoch', async () => {
    const [outcome] = await run();
    const epochs = await epochsOf(outcome!.folder);
    const kept = (await readHistory(outcome!.folder)).filter((entry) => entry.kind === 'confusion');
    expect(kept.map(({ epoch }) => epoch)).toEqual(
      epochs.filter(({ best }) => best).map(({ epoch }) => epoch),
    );
    const share = (counts: readonly (readonly number[])[]) =>
      counts.reduce((sum, row, k) => sum + row[k]!, 0) / counts.flat().reduce((a, b) => a + b);
    for (const { epoch, age, gender } of kept) {
      const { validation } = epochs.find((entry) => entry.epoch === epoch)!;
      expect(share(age!.counts)).toBeCloseTo(validation!.accuracy!, 12);
      expect(share(gender!.counts)).toBeCloseTo(validation!.gender!, 12);
    }
  });

  it('keeps predicted distributions of the requested epochs', async () => {
    const [outcome] = await run({ separation: [2] });
    const kept = (await readHistory(outcome!.folder)).filter((entry) => entry.kind === 'separation');
    expect(kept.map(({ epoch }) => epoch)).toEqual([2]);
    for (const { mean } of kept[0]!.classes) expect(mean.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
  });
});

describe('a folder', () => {
  const changes = { stages: [{ ...STAGE, epochs: 1 }] };
  const refused = (path: string) => new RegExp(`^Folder '${path}' is in use by process ${process.pid} on `);

  it('is trained in by one at a time, also from if a run was left', async () => {
    const path = newFolder();
    const start = () => train(recipe(changes), path, [store], stopAfter(3));
    const started = await Promise.allSettled([start(), start()]);
    expect(started.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rejected = started.find((result) => result.status === 'rejected')!;
    expect((rejected.reason as Error).message).toMatch(refused(path));
    const resumed = await Promise.allSettled([1, 2].map(() => resume(path, { threads: 1 })));
    expect(resumed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await epochsOf(path)).map(({ epoch }) => epoch)).toEqual([1]);
    expect(await readdir(path)).not.toContain('run.lock');
  });

  it('that a crash has left locked is trained in again', async () => {
    const [stopped] = await run(changes, stopAfter(3));
    const gone = { pid: process.pid, host: hostname(), started: 'before', since: '' };
    await writeFile(join(stopped!.folder, 'run.lock'), `${JSON.stringify(gone)}\n`);
    if (process.platform !== 'linux') return console.log('skipped: only Linux says when a process started');
    expect(await resume(stopped!.folder, { threads: 1 })).toMatchObject([{ done: true }]);
  });
});

describe('members of an ensemble', () => {
  it('are the same as one process trains, each separately and in any order', async () => {
    const changes = { members: 2, stages: [{ ...STAGE, epochs: 1 }] };
    const [alone, whole] = [newFolder(), newFolder()];
    for (const member of [2, 1]) await train(recipe(changes), alone, [store], { threads: 1, member });
    await train(recipe(changes), whole, [store], { threads: 1 });
    for (const member of [1, 2]) {
      const [one, other] = await Promise.all(
        [alone, whole].map((path) => loadCheckpoint(runFiles(memberFolder(path, member)).last)),
      );
      mustBeSame(one!.state, other!.state);
    }
  });

  it('differ by their seeds, and are trained one by one or all', async () => {
    const changes = { members: 2, stages: [{ ...STAGE, epochs: 1 }] };
    const path = newFolder();
    const [second] = await train(recipe(changes), path, [store], { threads: 1, member: 2 });
    expect(second).toMatchObject({ folder: memberFolder(path, 2), done: true });
    const outcomes = await resume(path, { threads: 1 });
    expect(outcomes.map(({ done }) => done)).toEqual([true, true]);
    const weights = await Promise.all(outcomes.map(async (o) => (await openRun(o.folder)).weights));
    const [name] = weights[0]!.keys();
    expect(float32Values(weights[0]!.get(name!)!)).not.toEqual(float32Values(weights[1]!.get(name!)!));
    await expect(train(recipe(changes), path, [store], { member: 3 })).rejects.toThrow(
      'a member from 1 to 2, found 3',
    );
  });

  it('are measured together, as the model of all of them is', async () => {
    const path = newFolder();
    const changes: Partial<RecipeDocument> = {
      members: 2,
      augment: false,
      stages: [{ ...STAGE, epochs: 2 }],
    };
    await train(recipe(changes), path, [store], { threads: 1 });
    const figures = (await readEnsembleFigures(path))!;
    const { model } = await exportRuns([path]);
    const { facts, assembled } = await openRun(memberFolder(path, 1));
    const data = await reopenRunData(facts);
    const loader = await Loader.create(data.stores, {
      input: assembled.input,
      batch: 4,
      rows: data.validation,
      sampling: 'stored',
    });
    try {
      const { images, classes, gender } = assembled;
      const part = { name: 'all', images, input: assembled.input, classes, gender, metrics: {} };
      const { all } = await compare({ all: model }, part, loader.batches({ epochs: 1 }));
      for (const name of ['mae', 'accuracy', 'gender'] as const) {
        expect(figures.figures[name]).toBeCloseTo(all.figures[name]!, 4);
      }
    } finally {
      await loader.close();
      await data.stores.close();
    }
    expect(figures.faces).toHaveLength(12);
    for (const { estimate, members } of figures.faces) {
      expect(members).toHaveLength(2);
      expect(estimate).toBeCloseTo((members[0]! + members[1]!) / 2, 4);
    }
    expect(await readFile(join(path, 'report.html'), 'utf8')).toContain('Estimates of some faces');
  });

  it('are prolonged together', async () => {
    const changes = { members: 2, stages: [{ ...STAGE, epochs: 1 }] };
    const path = newFolder();
    await train(recipe(changes), path, [store], { threads: 1 });
    const outcomes = await resume(path, { threads: 1, prolong: 1 });
    expect(outcomes.map(({ done, progress }) => [done, progress.epoch])).toEqual([
      [true, 2],
      [true, 2],
    ]);
    expect(await resume(path, { threads: 1 })).toMatchObject([{ done: true }, { done: true }]);
  });

  it('are of one recipe', async () => {
    const changes = { members: 2, stages: [{ ...STAGE, epochs: 1 }] };
    const path = newFolder();
    const one = (changed: Partial<RecipeDocument>) =>
      train(recipe({ ...changes, ...changed }), path, [store], { threads: 1, member: 1 });
    await one({});
    await expect(one({ name: 'other' })).rejects.toThrow(
      `Folder '${path}' holds a run of 'grey', expected one of 'other'`,
    );
    await expect(one({ batch: 4 })).rejects.toThrow(
      `Folder '${path}' holds a run of 'grey' with other values in its recipe.yaml`,
    );
    const foreign = newFolder();
    await train(recipe({ ...changes, batch: 4 }), foreign, [store], { threads: 1, member: 2 });
    await cp(memberFolder(foreign, 2), memberFolder(path, 2), { recursive: true });
    await expect(resume(path)).rejects.toThrow(
      `Folder '${memberFolder(path, 2)}' holds a run of 'grey' with`,
    );
  });
});

describe('what cannot be trained', () => {
  const bad = async (changes: Partial<RecipeDocument>, sentence: RegExp, data = store) => {
    const path = newFolder();
    await expect(train(recipe(changes), path, [data], { threads: 1 })).rejects.toThrow(sentence);
    await expect(access(path)).rejects.toThrow('ENOENT');
  };

  it('is reported in a sentence', async () => {
    await bad({}, /expected faces with gender to train on, found none/, bare);
    await bad({}, /no-such-store/, join(folder, 'no-such-store'));
    await bad(
      { monitor: 'gender', heads: { age: {} } },
      /monitor: 'gender' needs a head for gender, the recipe has one for age/,
    );
    await bad({ members: 2 }, /expected faces with gender/, bare);
    await bad(
      { batch: 8, microBatches: 3 },
      /microBatches: expected a number that divides the batch of 8, found 3/,
    );
    await bad({ batch: 4000 }, /expected rows for a batch of 4000, found 42$/);
    await bad(
      { stages: [{ ...STAGE, train: { from: 'nowhere' } }] },
      /no layer's name starts with 'nowhere'/,
    );
    await bad({ data: { train: 'nobody' } }, /names 'nobody'/);
    await bad({ input: { margin: 0.4, alignment: 'roll' } }, /faces that were turned upright/);
    await bad({ heads: { age: { kind: 'regression', classes: 'groups-8' } } }, /regression expects years/);
    await bad(
      { heads: { age: { kind: 'ordinal', losses: { crossEntropy: 1 } } } },
      /not for a head of kind 'ordinal'/,
    );
    await expect(train(recipe(), newFolder())).rejects.toThrow(/data\.store: expected the folder/);
  });

  it('is a folder with another run, or a checkpoint of another network', async () => {
    const [outcome] = await run({ stages: [{ ...STAGE, epochs: 1 }] });
    await expect(train(recipe(), outcome!.folder, [store])).rejects.toThrow(
      /must be new or empty, found a run; agewise train --resume .* continues it/,
    );
    await expect(train(recipe(), store, [store])).rejects.toThrow(/new or empty, found 'data' in it/);
    const stopped = (await run({}, stopAfter(3)))[0]!.folder;
    const [other] = await train(
      recipe({ network: { name: 'softmax-regression' } }),
      newFolder(),
      [store],
      stopAfter(3),
    );
    const own = await readFile(runFiles(stopped).last);
    await cp(runFiles(other!.folder).last, runFiles(stopped).last);
    const another = /is of another network: '.*' must be \[.*\], found none/;
    await expect(resume(stopped)).rejects.toThrow(another);
    await cp(runFiles(other!.folder).last, runFiles(outcome!.folder).last);
    await expect(resume(outcome!.folder)).rejects.toThrow(another);
    await writeFile(runFiles(stopped).last, own.subarray(0, 100));
    await expect(resume(stopped)).rejects.toThrow(/cannot be read/);
    await expect(resume(folder)).rejects.toThrow(/cannot be read/);
  });
});
