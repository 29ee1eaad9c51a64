/** The distributions that models teach, on pictures and models that are made here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { teach } from '../scripts/models/teacher.js';
import { makeSplit, readSplit, Store, StoreWriter, writeSplit } from '../src/data/index.js';
import { FORMAT_VERSION, METADATA_KEY } from '../src/metadata/index.js';
import { writeModelFile } from '../src/onnx/file.js';
import { GraphBuilder } from '../src/onnx/index.js';
import { noise } from './support/execute.js';

const SIDE = 8;
const YEARS = 101;
const FEATURES = 3 * SIDE * SIDE;
const ROWS = 40;
/** input = (value − MEAN) · SCALE */
const [MEAN, SCALE] = [100, 0.01];

/** `[SIDE, SIDE, 3]`, which no mirror leaves as it is. */
const picture = (row: number) =>
  Uint8Array.from({ length: FEATURES }, (_, i) => (i * (7 + row) + row * 31) % 256);
const weightsOf = (seed: number, outputs: number) => noise(FEATURES * outputs, seed).map((v) => 0.3 * v);

async function writeModel(path: string, seed: number, years = YEARS): Promise<string> {
  const g = new GraphBuilder();
  const flat = g.op('Flatten', [g.input('image', 'float32', ['N', 3, SIDE, SIDE])]);
  const said = (name: string, outputs: number) => {
    const w = g.parameter(`${name}.w`, 'float32', [FEATURES, outputs], weightsOf(seed, outputs));
    g.output(g.op('Softmax', [g.op('MatMul', [flat, w])], { axis: 1 }), name);
  };
  said('age', years);
  said('gender', 2);
  const triple = (v: number) => [v, v, v];
  const document = {
    formatVersion: FORMAT_VERSION,
    name: 'made',
    input: {
      ...{
        width: SIDE,
        height: SIDE,
        color: 'RGB',
        layout: 'NCHW',
        mean: triple(MEAN),
        scale: triple(SCALE),
      },
      ...{ margin: 0, crop: 'square', alignment: 'none' },
    },
    age: { name: 'age', activation: 'probabilities', classes: Array.from({ length: years }, (_, i) => i) },
    gender: { name: 'gender', activation: 'probabilities', labels: ['female', 'male'] },
    provenance: { backbone: '', data: '', recipe: '', licence: '', source: '' },
    metrics: {},
  };
  await writeModelFile(path, g.build({ metadata: { [METADATA_KEY]: JSON.stringify(document) } }));
  return path;
}

/** Softmax of such a model, by hand. */
function told(seed: number, outputs: number, row: number, mirror: boolean): number[] {
  const [pixels, weights] = [picture(row), weightsOf(seed, outputs)];
  const logits = new Array<number>(outputs).fill(0);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const from = mirror ? SIDE - 1 - x : x;
        const value = (pixels[(y * SIDE + from) * 3 + c]! - MEAN) * SCALE;
        for (let k = 0; k < outputs; k++)
          logits[k]! += value * weights[((c * SIDE + y) * SIDE + x) * outputs + k]!;
      }
    }
  }
  const sum = logits.reduce((s, z) => s + Math.exp(z), 0);
  return logits.map((z) => Math.exp(z) / sum);
}

const mean = (lists: readonly number[][]) =>
  lists[0]!.map((_, k) => lists.reduce((s, l) => s + l[k]!, 0) / lists.length);

let folder: string;
let store: string;
let part: readonly number[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-teach-'));
  store = join(folder, 'store');
  const writer = await StoreWriter.create(store, {
    origin: { id: 'made', title: 'Made', homepage: '', citation: '', terms: 'none', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (let row = 0; row < ROWS; row++) {
    const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
    const image = await sharp(picture(row), { raw }).png().toBuffer();
    await writer.append({ path: `train/${row}.png`, image, age: { age: row } });
  }
  await writer.finish({ threshold: 0, groups: [] });
  const opened = await Store.open(store);
  const file = join(store, 'hash.split.json');
  await writeSplit(file, await makeSplit(opened, { name: 'hash' }, 0));
  part = Array.from((await readSplit(file, opened)).parts.get('train')!);
  await opened.close();
});
afterAll(() => rm(folder, { recursive: true }));

it('are means over models and mirror images, for one part only', async () => {
  const models = [await writeModel(join(folder, 'a.onnx'), 1), await writeModel(join(folder, 'b.onnx'), 2)];
  const progress: number[] = [];
  const faces = await teach(models, [store], {
    split: 'hash',
    part: 'train',
    threads: 1,
    onProgress: (done) => progress.push(done),
  });
  expect(part.length).toBeGreaterThan(ROWS / 2);
  expect(part.length).toBeLessThan(ROWS);
  expect(faces.map(({ path }) => path)).toEqual(part.map((row) => `train/${row}.png`));
  expect(progress.at(-1)).toBe(2 * part.length);
  faces.forEach(({ age, male }, i) => {
    const each = (outputs: number) =>
      mean([1, 2].flatMap((seed) => [false, true].map((mirror) => told(seed, outputs, part[i]!, mirror))));
    const expected = each(YEARS);
    expect(Math.max(...expected.map((p, k) => Math.abs(p - age[k]!)))).toBeLessThan(1e-5);
    expect(male).toBeCloseTo(each(2)[1]!, 5);
  });
});

it('are refused for a model of other ages, and for a missing part', async () => {
  const groups = await writeModel(join(folder, 'groups.onnx'), 3, 10);
  await expect(teach([groups], [store], { split: 'hash', part: 'train' })).rejects.toThrow(
    "Model 'made': expected one that predicts the ages 0 to 100 and gender, found another",
  );
  await expect(teach([groups], [store], { split: 'hash', part: 'none' })).rejects.toThrow(
    /store: expected a part 'none' of split 'hash', found train, validation, test$/,
  );
});
