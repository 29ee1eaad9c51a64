import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { YEARS } from '../metrics/index.js';
import { Random } from '../random/index.js';
import { evaluatePredictions } from './evaluate-predictions.js';
import type { ModelPrediction, PredictedFace, Predictions } from './predictions.js';
import { readPredictions, writePredictionBatches, writePredictions } from './predictions-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-predictions-'));
});
afterAll(() => rm(folder, { recursive: true }));

const random = new Random(5);

/** A bump of probability at an age, as a network predicts it. */
function prediction(age: number, female: number | undefined): ModelPrediction {
  const years = Float32Array.from({ length: YEARS }, (_, y) => Math.exp(-((y - age) ** 2) / 40));
  const sum = years.reduce((a, b) => a + b, 0);
  return { years: years.map((p) => p / sum), female: female && Math.fround(female) };
}

const FACES = Array.from({ length: 60 }, (_, i): PredictedFace => {
  const age = random.below(90);
  const face = {
    file: `${i}.jpg`,
    label: i % 7 === 0 ? { from: age, to: age + 9 } : { age, ...(i % 5 === 0 && { std: 2.5 }) },
    gender: i % 3 === 0 ? ('female' as const) : i % 3 === 1 ? ('male' as const) : undefined,
    columns: { race: i % 2 === 0 ? 'a' : undefined, identity: `p${i >> 1}`, set: 'made' },
  };
  if (i === 3) return { ...face, predictions: undefined };
  const problem = '4.jpg: expected an image, found an empty file';
  if (i === 4) return { ...face, predictions: undefined, problem };
  const first = prediction(age + random.below(9) - 4, random.uniform());
  return { ...face, predictions: [first, prediction(age, undefined)] };
});

const PREDICTIONS: Predictions = {
  info: {
    models: ['first', 'second'].map((name) => ({
      name,
      sha256: 'ab',
      youngest: 0,
      oldest: 100,
      memberOf: null,
      calibratedOn: null,
      trainedOn: null,
      interval: null,
      facts: {
        name,
        input: { width: 64, height: 64, color: 'RGB', margin: 0.4 },
        age: { classes: [{ from: 0, to: 100 }] },
        gender: name === 'first' ? {} : null,
        provenance: { backbone: '', data: 'Made', recipe: 'own', licence: 'Apache-2.0', source: '' },
      },
    })),
    data: {
      path: 'made',
      title: 'Made',
      set: 'made',
      fingerprint: null,
      split: null,
      part: null,
      rows: null,
    },
    cropped: false,
    flip: true,
  },
  faces: FACES,
  leftOut: ['61.jpg: expected an age, found nothing'],
  robustness: {
    changes: [
      { kind: 'plain', level: 0 },
      { kind: 'blur', level: 1.5 },
      { kind: 'flip', level: 1 },
    ],
    faces: [0, 7, 9].map((face) => ({
      face,
      ages: [0, 1, 2].map((change) => [20 + face / 3 + change, 1 / 3]),
    })),
  },
};

it('keeps predictions so that their figures are the same to the last digit', async () => {
  const path = join(folder, 'predictions.parquet');
  await writePredictions(path, PREDICTIONS);
  const again = await readPredictions(path);
  expect(again).toEqual(PREDICTIONS);
  const options = { draws: 5 };
  const documents = evaluatePredictions(again, options);
  expect(JSON.stringify(documents)).toBe(JSON.stringify(evaluatePredictions(PREDICTIONS, options)));
  expect(documents.map(({ origin }) => origin!.name)).toEqual(['first', 'second', 'ensemble']);
});

it('is a table that other programs can read', async () => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const path = join(folder, 'table.parquet');
  await writePredictions(path, PREDICTIONS);
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(
    `select count(*)::int, count(years)::int, max(len(years_2))::int, sum(found::int)::int from '${path}'`,
  );
  expect(reader.getRows()).toEqual([[60, 58, 101, 58]]);
});

it('is the same file whatever batches it is written in, with what is known only at the end', async () => {
  const many = Array.from({ length: 9000 }, (_, i): PredictedFace => FACES[i % 20 === 0 ? 5 : 3]!);
  const predictions = { ...PREDICTIONS, faces: many };
  const whole = join(folder, 'whole.parquet');
  await writePredictions(whole, predictions);
  const path = join(folder, 'batches.parquet');
  let written = 0;
  async function* batches() {
    for (; written < many.length; written += 700) yield many.slice(written, written + 700);
  }
  await writePredictionBatches(path, PREDICTIONS.info, batches(), async () => {
    expect(written).toBeGreaterThanOrEqual(many.length);
    return predictions;
  });
  expect(Buffer.compare(await readFile(path), await readFile(whole))).toBe(0);
  expect((await readPredictions(path)).faces).toHaveLength(9000);
});

it('leaves nothing if it cannot be written', async () => {
  const path = join(folder, 'none', 'predictions.parquet');
  await expect(writePredictions(path, PREDICTIONS)).rejects.toThrow(`${path}: it cannot be written: `);
  expect(await readdir(folder)).not.toContain('none');
});

it('refuses other files, and missing ones', async () => {
  const other = join(folder, 'other.parquet');
  await writeFile(other, 'no table');
  await expect(readPredictions(other)).rejects.toThrow(
    `${other}: expected predictions that agewise evaluate wrote, found another or a damaged file`,
  );
  await expect(readPredictions(join(folder, 'none'))).rejects.toThrow('no such file of predictions');
});
