/** `agewise export` as it is called: a run becomes a model that estimates. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agewise } from './support/command.js';
import { SIDE, trainSmallRun, writeGreyStore } from './support/small-run.js';

/** A run starts threads that load pictures: seconds on a busy machine. */
const TIMEOUT = 60_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-export-'));
  await trainSmallRun(join(folder, 'run'), await writeGreyStore(join(folder, 'store')));
  const grey = { create: { width: SIDE, height: SIDE, channels: 3, background: '#777777' } } as const;
  await writeFile(join(folder, 'face.png'), await sharp(grey).png().toBuffer());
}, TIMEOUT);
afterAll(() => rm(folder, { recursive: true }));

it('makes a model in 8 bits that estimates, and reports its loss of accuracy', async () => {
  const made = await agewise(['export', 'run', 'small.onnx', '--int8', '--threads', '1'], { cwd: folder });
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toMatch(/^small\.onnx: [\d.]+ [kM]B\n/);
  for (const row of ['MAE', 'gender', 'size', 'time per face'])
    expect(made.stdout).toMatch(new RegExp(`^  ${row} `, 'm'));
  const estimated = await agewise(['estimate', 'face.png', '--cropped', '--model', 'small.onnx', '--json'], {
    cwd: folder,
  });
  expect(estimated.code).toBe(0);
  const [face] = JSON.parse(estimated.stdout).faces;
  expect(face.age).toBeGreaterThan(0);
  expect(face.gender.probability).toBeGreaterThanOrEqual(0.5);
});

it('prints one JSON object, and replaces a file only if requested', async () => {
  const args = ['export', 'run', 'run', 'twice.onnx', '--float16', '--json'];
  const first = await agewise(args, { cwd: folder });
  const { length: bytes } = await readFile(join(folder, 'twice.onnx'));
  expect(JSON.parse(first.stdout)).toEqual({ file: 'twice.onnx', bytes, networks: 2 });
  const second = await agewise(args, { cwd: folder });
  expect(second.code).toBe(2);
  expect(second.stderr).toBe(
    'agewise: twice.onnx: expected a new name, found an existing file or folder; --overwrite replaces it\n',
  );
  expect((await agewise([...args, '--overwrite'], { cwd: folder })).code).toBe(0);
});

it('reports in one sentence that a folder is not a run', async () => {
  const { code, stderr } = await agewise(['export', 'store', 'none.onnx'], { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^agewise: '.*run\.json' cannot be read: [^\n]+\n$/);
});
