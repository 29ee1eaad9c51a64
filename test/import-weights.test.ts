/** `agewise import-weights` as it is called: a file of weights becomes a model that estimates. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writePublished } from '../src/train/testing.js';
import { agewise, start } from './support/command.js';
import { LAYERS, writePublishedWeights } from './support/published-weights.js';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agewise-import-weights-'));
  await writePublishedWeights(cwd);
  const { pred_age: _, ...lacking } = LAYERS;
  await writePublished(join(cwd, 'lacking.hdf5'), lacking);
  const grey = { create: { width: 80, height: 80, channels: 3, background: '#777777' } } as const;
  await writeFile(join(cwd, 'face.png'), await sharp(grey).png().toBuffer());
});
afterAll(() => rm(cwd, { recursive: true }));

it('makes a model with a card, which estimate accepts', async () => {
  const made = await agewise(
    ['import-weights', 'weights.hdf5', '--as', 'own.yaml', 'age.onnx', '--terms', 'ours'],
    { cwd },
  );
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(made.stdout).toBe('age.onnx: WRN-10-1, ages in 101 classes and gender\nage.md: ours\n');
  expect(await readFile(join(cwd, 'age.md'), 'utf8')).toContain('| Terms | ours |');
  const told = await agewise(['estimate', 'face.png', '--cropped', '--model', 'age.onnx', '--json'], { cwd });
  expect(told.code).toBe(0);
  const [face] = JSON.parse(told.stdout).faces;
  expect(face.age).toBeGreaterThan(0);
  expect(face.gender.probability).toBeGreaterThanOrEqual(0.5);
});

it('makes a model that evaluate measures', async () => {
  await writeFile(join(cwd, 'other.png'), await readFile(join(cwd, 'face.png')));
  const rows = ['path,age,gender', 'face.png,30,female', 'other.png,40,male'];
  await writeFile(join(cwd, 'faces.csv'), `${rows.join('\n')}\n`);
  const measured = await agewise(
    ['evaluate', '--model', 'age.onnx', '--data', 'faces.csv', '--cropped', '--draws', '10', '--json'],
    { cwd },
  );
  expect([measured.code, measured.stderr]).toEqual([0, '']);
  const { all } = JSON.parse(measured.stdout);
  expect(all.age.mean).toMatchObject({ n: 2 });
  expect(all.gender.figures.accuracy.value).toBe(0.5);
});

it('makes a model that the server answers with', async () => {
  const child = start(['serve', '--port', '0', '--workers', '1', '--model', 'age.onnx', '--cropped'], {
    cwd,
  });
  const exit = new Promise((resolve) => child.on('close', resolve));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let text = '';
      const take = (chunk: Buffer) => {
        text += chunk;
        const found = /Server listening at (http[^"]+)/.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      void exit.then(() => reject(new Error(text)));
    });
    const body = new Uint8Array(await readFile(join(cwd, 'face.png')));
    const told = await fetch(`${address}/v1/estimate`, { method: 'POST', body });
    expect(told.status).toBe(200);
    const { faces } = (await told.json()) as { faces: { age: number }[] };
    const own = await agewise(['estimate', 'face.png', '--cropped', '--model', 'age.onnx', '--json'], {
      cwd,
    });
    expect(faces[0]!.age).toBeCloseTo(JSON.parse(own.stdout).faces[0].age, 4);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
});

it('refuses groups from a model without groups, in one sentence', async () => {
  const told = await agewise(['estimate', 'face.png', '--cropped', '--model', 'age.onnx', '--groups'], {
    cwd,
  });
  expect(told.code).toBe(2);
  expect(told.stderr.trimEnd()).not.toContain('\n');
  expect(told.stderr).toContain('group');
});

it('reports in one sentence what does not fit, and replaces nothing', async () => {
  const lacking = await agewise(['import-weights', 'lacking.hdf5', '--as', 'own.yaml', 'none.onnx'], { cwd });
  expect([lacking.code, lacking.stdout]).toEqual([2, '']);
  expect(lacking.stderr).toBe(
    "agewise: lacking.hdf5: expected the weights of WRN-10-1 for age and gender (recipe 'own'), found layers that differ: missing 'pred_age'\n",
  );
  await writeFile(join(cwd, 'kept.md'), 'mine');
  const kept = await agewise(['import-weights', 'weights.hdf5', '--as', 'own.yaml', 'kept.onnx'], { cwd });
  expect([kept.code, kept.stderr]).toEqual([
    2,
    'agewise: kept.md: expected a new name for the card, found an existing file; --overwrite replaces it\n',
  ]);
});
