/** Every program of examples/, run as its header says. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgeEstimator } from '../src/estimate/index.js';
import { Random } from '../src/random/index.js';

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples');
const PHOTOS = join(ROOT, 'node_modules/@vladmandic/face-api/demo');
const PHOTO = join(PHOTOS, 'sample1.jpg');
const FACES_IN_PHOTO = 3;

const SIDE = 64;
const PICTURES = 20;
const TRAINING = ['train-from-scratch.ts', 'fine-tune.ts', 'own-network.ts'];
/** Seconds, and more on a busy machine. */
const TIMEOUT = 180_000;

let folder: string;
/** Pictures in folders named by age. */
let faces: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-examples-'));
  faces = join(folder, 'faces');
  for (let i = 0; i < PICTURES; i++) await writePicture(join(faces, `${10 + (i % 10) * 7}`, `${i}.png`), i);
});
afterAll(() => rm(folder, { recursive: true }));

/** Coarse noise, so that no two pictures are near-duplicates. */
async function writePicture(path: string, seed: number): Promise<void> {
  const random = new Random(seed);
  const cells = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.between(0, 256));
  await mkdir(dirname(path), { recursive: true });
  await sharp(cells, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(SIDE, SIDE)
    .png()
    .toFile(path);
}

/** What a program prints, line by line. */
async function example(name: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', join(EXAMPLES, name), ...args], {
    cwd: ROOT,
  });
  return stdout.trimEnd().split('\n');
}

it('runs every example', async () => {
  const files = (await readdir(EXAMPLES)).sort();
  expect(files).toEqual(['estimate.ts', 'stream-folder.ts', 'worker.ts', ...TRAINING].sort());
});

it(
  'estimate.ts prints a line for each face, the age inside its interval',
  async () => {
    const lines = await example('estimate.ts', PHOTO);
    expect(lines).toHaveLength(FACES_IN_PHOTO);
    for (const line of lines) {
      const [, age, low, high] = /^([\d.]+) years, 90% sure of ([\d.]+) to ([\d.]+), \w+ \d+%, /.exec(line)!;
      expect(Number(age)).toBeGreaterThan(Number(low));
      expect(Number(age)).toBeLessThan(Number(high));
      expect(line).toMatch(/, 18 or older \d+%$/);
    }
  },
  TIMEOUT,
);

it(
  'stream-folder.ts prints a line for each picture in order, also for a broken one',
  async () => {
    const photos = join(folder, 'photos');
    await cp(join(PHOTOS, 'sample4.jpg'), join(photos, 'a.jpg'));
    await writeFile(join(photos, 'b.jpg'), 'no picture');
    await cp(PHOTO, join(photos, 'c.jpg'));
    const results = (await example('stream-folder.ts', photos)).map((line) => JSON.parse(line));
    expect(results).toEqual([
      { file: join(photos, 'a.jpg'), ages: new Array(4).fill(expect.any(Number)) },
      { file: join(photos, 'b.jpg'), error: expect.any(String) },
      { file: join(photos, 'c.jpg'), ages: new Array(FACES_IN_PHOTO).fill(expect.any(Number)) },
    ]);
  },
  TIMEOUT,
);

it(
  'worker.ts estimates in a thread',
  async () => {
    const [line] = await example('worker.ts', PHOTO);
    expect(line).toMatch(
      new RegExp(`^${FACES_IN_PHOTO} faces; the event loop was held for \\d+ ms at most$`),
    );
  },
  TIMEOUT,
);

describe.each(TRAINING)('%s', (name) => {
  it(
    'shows each epoch and writes a model that estimates',
    async () => {
      const out = join(folder, name);
      // The pictures show no faces that could be measured.
      const margin = name === 'own-network.ts' ? [] : ['--margin=0'];
      const lines = await example(name, faces, out, '--epochs', '2', ...margin);
      const epochs = lines.filter((line) => line.startsWith('epoch '));
      expect(epochs.length).toBeGreaterThanOrEqual(2);
      for (const epoch of epochs) expect(epoch).toMatch(/^epoch \d+: (off by [\d.]+ years|loss [\d.]+)$/);

      const estimator = await AgeEstimator.load({ models: [join(out, 'model.onnx')], cropped: true });
      const { faces: found } = await estimator.estimate(join(faces, '10/0.png'));
      await estimator.dispose();
      expect(found).toHaveLength(1);
      expect(found[0]!.age).toBeGreaterThan(0);
      expect(found[0]!.age).toBeLessThan(100);
    },
    TIMEOUT,
  );
});
