import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { YEARS } from '../metrics/index.js';
import { Journal } from './journal.js';
import type { PredictedFace } from './predictions.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-journal-'));
});
afterAll(() => rm(folder, { recursive: true }));

const faces: PredictedFace[] = [
  {
    file: 'a.png',
    label: { age: 30, std: 2 },
    gender: 'female',
    columns: { race: 'x' },
    predictions: [
      {
        years: Float32Array.from({ length: YEARS }, (_, y) => (y / 5050) ** 1.1),
        female: Math.fround(0.3),
      },
      { years: Float32Array.from({ length: YEARS }, (_, y) => Number(y === 7)), female: undefined },
    ],
  },
  { file: 'b.png', label: { from: 1, to: 9 }, columns: {}, predictions: undefined },
  { file: 'c.png', columns: {}, predictions: undefined, problem: 'it is empty' },
];
const changed = { face: 0, ages: [[30.25], [1 / 3]] };

it.each(['', '{"faces":[{"file":"d.p', '\0\0\0\0\n'])(
  'returns earlier predictions to the last bit, without what was cut off: %j',
  async (rest) => {
    const path = join(folder, 'one');
    const first = await Journal.open(path, { model: 'm' });
    expect([first.faces, first.changed]).toEqual([[], []]);
    await first.add(faces.slice(0, 2));
    await first.close();
    await appendFile(path, rest);
    const second = await Journal.open(path, { model: 'm' });
    expect(second.faces).toEqual(faces.slice(0, 2));
    await second.add(faces.slice(2));
    await second.addChanged(changed);
    await second.close();
    const third = await Journal.open(path, { model: 'm' });
    expect([third.faces, third.changed]).toEqual([faces, [changed]]);
    await third.remove();
    expect(await readdir(folder)).not.toContain('one');
  },
);

it('refuses predictions of another model or of other pictures, unless it may start again', async () => {
  const path = join(folder, 'two');
  const first = await Journal.open(path, { model: 'm' });
  await first.add(faces);
  await first.close();
  await expect(Journal.open(path, { model: 'n' })).rejects.toThrow(
    `${path}: expected unfinished predictions of this command, found those of another; remove the file, or name another output`,
  );
  const anew = await Journal.open(path, { model: 'n' }, { overwrite: true });
  expect(anew.faces).toEqual([]);
  await anew.close();
  expect(await readFile(path, 'utf8')).toBe('{"model":"n"}\n');
});

it('begins anew if not even the first line was written', async () => {
  const path = join(folder, 'three');
  await writeFile(path, '{"mod');
  const journal = await Journal.open(path, { model: 'm' });
  expect(journal.faces).toEqual([]);
  await journal.remove();
});

it('reports why it cannot be written', async () => {
  await expect(Journal.open(join(folder, 'none/four'), {})).rejects.toThrow(
    /none\/four: it cannot be written: /,
  );
});
