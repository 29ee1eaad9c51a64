/**
 * A model that was trained on ready crops, or on photographs with the boxes of another detector, estimates the photographs as
 * well as it did what it was trained on.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importDataset, readerOf, readStoreInfo, Store } from '../src/data/index.js';
import { AgeEstimator } from '../src/estimate/index.js';
import { writeModel } from '../src/onnx/index.js';
import { createSession } from '../src/runtime/node.js';
import { checkRecipe, exportRuns, openRunData, readRunFacts, train } from '../src/train/index.js';
import { cropImage, FaceDetector, findFaces } from '../src/vision/index.js';
import { decodeImage } from '../src/vision/node.js';

const PHOTOGRAPHS = ['../shared', '../../shared']
  .map((shared) => join(import.meta.dirname, '..', shared, 'data/all-age-faces/original images'))
  .find(existsSync);

/** As somebody else's detector and crop might lie: nearer than ours, and lower. */
const CROP = { margin: -0.05, offset: [0.02, 0.08], crop: 'square', alignment: 'none' } as const;
const PICTURE = {
  width: 160,
  height: 160,
  color: 'RGB',
  layout: 'NHWC',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
} as const;
/** Every so many photographs are used: 53. */
const EVERY = 250;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-ready-crops-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Cuts the face out of each photograph, into folders named by age, as the reader of folders has them. */
async function cutOut(): Promise<ReadonlyMap<string, string>> {
  const photographs = new Map<string, string>();
  const detector = new FaceDetector(
    await createSession(await readFile('models/face-detector.onnx'), 'detector'),
  );
  const names = (await readdir(PHOTOGRAPHS!)).filter((_, i) => i % EVERY === 7);
  for (const name of names) {
    const path = join(PHOTOGRAPHS!, name);
    const photo = await decodeImage(path);
    const found = await findFaces(detector, photo, { turn: false });
    if (found.length !== 1) continue;
    const { width, height, data } = cropImage(photo, found[0]!.face, { ...PICTURE, ...CROP });
    const age = Number(/A(\d+)/.exec(name)![1]);
    const crop = join(String(age), name.replace(/jpg$/, 'png'));
    await mkdir(join(folder, 'crops', String(age)), { recursive: true });
    await writeFile(
      join(folder, 'crops', crop),
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
    photographs.set(crop, path);
  }
  await detector.dispose();
  return photographs;
}

/** Photographs with a box of each face, as another detector might give it: larger, and higher. */
async function boxed(): Promise<ReadonlyMap<string, string>> {
  const photographs = new Map<string, string>();
  const detector = new FaceDetector(
    await createSession(await readFile('models/face-detector.onnx'), 'detector'),
  );
  const lines = ['path,age,face_x,face_y,face_width,face_height'];
  const names = (await readdir(PHOTOGRAPHS!)).filter((_, i) => i % EVERY === 7);
  for (const name of names) {
    const path = join(PHOTOGRAPHS!, name);
    const found = await findFaces(detector, await decodeImage(path), { turn: false });
    if (found.length !== 1) continue;
    const { x, y, width, height } = found[0]!.face.box;
    const box = [x - 0.3 * width, y - 0.5 * height, 1.6 * width, 1.6 * height];
    lines.push([name, Number(/A(\d+)/.exec(name)![1]), ...box].join());
    photographs.set(name, path);
  }
  await detector.dispose();
  await writeFile(join(folder, 'boxes.csv'), `${lines.join('\n')}\n`);
  return photographs;
}

/** Trains heads on a store; the error of its validation part as training told it, and on the photographs themselves. */
async function errorsOf(store: string, photographs: ReadonlyMap<string, string>, margin?: number) {
  const recipe = checkRecipe(
    {
      name: 'ready',
      title: 'Ready crops',
      source: 'none',
      reports: 'nothing',
      network: { backbone: 'shipped:agewise-base', standardize: true },
      input: margin === undefined ? {} : { margin },
      heads: { age: { spread: 3 } },
      data: { store, split: { name: 'shares', shares: { train: 0.5, validation: 0.5 }, stratify: false } },
      batch: 8,
      evaluateEvery: 8,
      stages: [{ name: 'heads', train: 'heads', epochs: 8, rate: 0.01, optimizer: { kind: 'adam' } }],
    },
    'ready',
  );
  const run = `${store}-run`;
  const [outcome] = await train(recipe, run, [], { threads: 2 });
  const opened = await Store.open(store);
  const data = await openRunData(recipe);
  const validation = new Set(data.validation);
  const { model } = await exportRuns([run]);
  const estimator = await AgeEstimator.load({ models: [writeModel(model)], gender: false });
  let [error, faces] = [0, 0];
  for await (const { index, path, age } of opened.rows()) {
    if (!validation.has(index)) continue;
    const [face] = (await estimator.estimate(photographs.get(path)!)).faces;
    error += Math.abs(face!.age - (age as { age: number }).age);
    faces++;
  }
  await estimator.dispose();
  await data.stores.close();
  await opened.close();
  expect(faces).toBe(validation.size);
  return { recipe, expected: outcome!.progress.best!.figures.mae!, found: error / faces };
}

it.skipIf(PHOTOGRAPHS === undefined)(
  'reproduces the error of the validation part on the photographs, with a crop that it measured itself',
  async () => {
    const photographs = await cutOut();
    const store = join(folder, 'store');
    // Without a detector, as stores of before were made: the run measures and keeps it.
    const { fingerprint } = await importDataset(join(folder, 'crops'), store, {
      reader: readerOf('folders'),
    });
    expect((await readStoreInfo(store)).framing).toBeUndefined();
    const { recipe, expected, found } = await errorsOf(store, photographs);
    expect(await readStoreInfo(store)).toMatchObject({ framing: { aspect: { median: 1 } }, fingerprint });
    expect(Math.abs(found / expected - 1)).toBeLessThan(0.15);

    // What was measured is there for the next run, which measures nothing.
    const notices: string[] = [];
    await cp(store, join(folder, 'again'), { recursive: true });
    const again = { ...recipe, data: { ...recipe.data, store: join(folder, 'again') } };
    const stop = AbortSignal.abort();
    await train(again, join(folder, 'again-run'), [], {
      signal: stop,
      onNotice: (text) => notices.push(text),
    });
    expect(notices.join()).not.toContain('measured now');
  },
  120_000,
);

it.skipIf(PHOTOGRAPHS === undefined)(
  "reproduces it if the boxes of the set differ from the detector's",
  async () => {
    const photographs = await boxed();
    const store = join(folder, 'boxed');
    const options = { reader: readerOf('csv'), readerOptions: { images: PHOTOGRAPHS! } };
    await importDataset(join(folder, 'boxes.csv'), store, options);
    const { expected, found } = await errorsOf(store, photographs, 0.2);
    expect(Math.abs(found / expected - 1)).toBeLessThan(0.15);
    const [width, height] = (await readRunFacts(`${store}-run`)).recipe.data.boxes!.scale;
    expect(width).toBeCloseTo(1 / 1.6, 1);
    expect(height).toBeCloseTo(1 / 1.6, 1);
  },
  120_000,
);

it.runIf(PHOTOGRAPHS === undefined)('is skipped: ../shared/data/all-age-faces is missing', () => {
  console.log('skipped: ../shared/data/all-age-faces is not there');
});
