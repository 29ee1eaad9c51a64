import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { difference, execute, noise } from '../../../test/support/execute.js';
import { SIDE, trainSmallRun, writeGreyStore } from '../../../test/support/small-run.js';
import { ageStatistics, yearClasses } from '../../age/index.js';
import { readMetadata } from '../../metadata/index.js';
import { float32, type Model } from '../../onnx/index.js';
import { openRun, runModel } from '../open-run.js';
import { exportRuns } from './export-runs.js';

/** A run starts threads that load pictures: seconds on a busy machine. */
const TIMEOUT = 120_000;

let folder: string;
let store: string;
let whole: string;
let age: string;
let gender: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-export-'));
  store = await writeGreyStore(join(folder, 'store'));
  whole = await trainSmallRun(join(folder, 'whole'), store);
  age = await trainSmallRun(join(folder, 'age'), store, { name: 'only-age', heads: { age: {} } });
  gender = await trainSmallRun(join(folder, 'gender'), store, {
    name: 'only-gender',
    heads: { gender: {} },
    monitor: 'gender',
  });
}, TIMEOUT);
afterAll(() => rm(folder, { recursive: true }));

async function outputs(model: Model) {
  const [input] = model.graph.inputs;
  const pictures = float32(input!.name, [2, 3, SIDE, SIDE], noise(6 * SIDE ** 2, 4));
  return execute(model, [pictures]);
}

describe('exportRuns', () => {
  it('makes the model of a run, its figures with it', async () => {
    const { model, networks, comparison } = await exportRuns([whole]);
    expect([networks, comparison]).toEqual([1, undefined]);
    const opened = await openRun(whole);
    const [found, expected] = [await outputs(model), await outputs(runModel(opened))];
    expect(difference(found.get('age')!, expected.get('age')!)).toBe(0);
    const { metrics } = readMetadata(model, 'test');
    expect(metrics['Grey, part validation']!.mae).toBe(Number(opened.figures.mae!.toFixed(3)));
  });

  it('takes the last weights if requested, without figures', async () => {
    const { model } = await exportRuns([whole], { last: true });
    expect(readMetadata(model, 'test').metrics).toEqual({});
  });

  it('refuses a run before the end of its first epoch', async () => {
    const begun = join(folder, 'begun');
    await cp(whole, begun, { recursive: true });
    await rm(join(begun, 'best.safetensors'));
    await expect(exportRuns([begun])).rejects.toThrow(`Run '${begun}' has no weights yet`);
  });

  it('returns a run that says one number of an age a distribution from its residuals', async () => {
    const run = await trainSmallRun(join(folder, 'regression'), store, {
      heads: { age: { kind: 'regression' }, gender: {} },
    });
    const gone = join(folder, 'gone');
    await expect(exportRuns([run], { folders: [gone] })).rejects.toThrow(
      /^\S+gone: .*; a network that says one number gets its distribution from the validation faces/,
    );
    const opened = await openRun(run);
    const expected = await outputs(runModel(opened));
    const { model } = await exportRuns([run]);
    const found = await outputs(model);
    expect(difference(found.get('gender')!, expected.get('gender')!)).toBeLessThan(1e-6);
    // 12 faces between 0 and 79 after two epochs of training: no age is predicted within a few years.
    const ages = found.get('age')!.values as Float32Array;
    for (const row of [ages.subarray(0, 101), ages.subarray(101)]) {
      const { interval } = ageStatistics({ classes: yearClasses(), probabilities: row });
      expect(interval[1] - interval[0]).toBeGreaterThan(20);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    }
    expect(readMetadata(model, 'test').metrics['Grey, part validation']!.mae).toBeGreaterThan(0);
  });

  it('makes one model of a run for age and one for gender', async () => {
    const { model, networks } = await exportRuns([age, gender]);
    expect(networks).toBe(2);
    const found = await outputs(model);
    expect(found.get('age')!.dims).toEqual([2, 101]);
    const alone = await outputs(runModel(await openRun(gender)));
    expect(difference(found.get('gender')!, alone.get('gender')!)).toBe(0);
    const { name, gender: facts, metrics, provenance } = readMetadata(model, 'test');
    expect(name).toBe('only-age+only-gender');
    expect(facts).toMatchObject({ activation: 'probabilities', labels: ['female', 'male'] });
    expect([metrics, provenance.recipe]).toEqual([{}, 'only-age; only-gender']);
  });

  it('makes one model of the members of an ensemble', async () => {
    const ensemble = await trainSmallRun(join(folder, 'ensemble'), store, { members: 2 });
    const { model, networks } = await exportRuns([ensemble]);
    expect(networks).toBe(2);
    const members = await Promise.all(
      [1, 2].map(async (i) => outputs(runModel(await openRun(join(ensemble, `member-${i}`))))),
    );
    const joint = await outputs(model);
    expect(readMetadata(model, 'test').age!.members).toEqual(['age.1', 'age.2']);
    members.forEach((own, m) => {
      expect(difference(joint.get(`age.${m + 1}`)!, own.get('age')!)).toBe(0);
    });
    const found = joint.get('age')!.values;
    const [a, b] = members.map((m) => m.get('age')!.values);
    for (let k = 0; k < found.length; k++)
      expect(found[k]).toBeCloseTo((Number(a![k]) + Number(b![k])) / 2, 6);
  });

  it('stores weights as float16', async () => {
    const { model } = await exportRuns([whole], { float16: true });
    expect([...model.graph.initializers.values()].some((t) => t.dtype === 'float16')).toBe(true);
  });

  it('computes in 8 bits, and says what that costs on the validation part', async () => {
    const seen: number[] = [];
    const { model, comparison } = await exportRuns([whole], {
      int8: true,
      session: { threads: 1 },
      onProgress: (done, total) => seen.push(done / total),
    });
    expect([...model.graph.initializers.values()].some((t) => t.dtype === 'int8')).toBe(true);
    const { float, int8 } = comparison!;
    const opened = await openRun(whole);
    expect(float.figures.mae).toBeCloseTo(opened.figures.mae!, 3);
    expect(float.figures.gender).toBeCloseTo(opened.figures.gender!, 6);
    expect(Math.abs(int8.figures.mae! - float.figures.mae!)).toBeLessThan(0.5);
    expect(int8.bytes).toBeLessThan(0.5 * float.bytes);
    expect(readMetadata(model, 'test').metrics['Grey, part validation']!.mae).toBe(int8.figures.mae);
    expect(seen.at(-1)).toBe(1);
  });

  it('makes a model of only gender', async () => {
    const { model } = await exportRuns([gender]);
    const { age: ages, gender: facts, metrics } = readMetadata(model, 'test');
    expect([ages, facts?.labels]).toEqual([null, ['female', 'male']]);
    expect(metrics['Grey, part validation']!.gender).toBeGreaterThanOrEqual(0);
    const found = await outputs(model);
    expect([...found.keys()]).toEqual(['gender']);
  });

  it('refuses runs of different pictures, and a folder without a run', async () => {
    const tight = await trainSmallRun(join(folder, 'tight'), store, { input: { size: SIDE, margin: 0.1 } });
    await expect(exportRuns([age, tight])).rejects.toThrow('expect different pictures: margin 0.4 and 0.1');
    await expect(exportRuns([store])).rejects.toThrow("run.json' cannot be read");
  });
});
