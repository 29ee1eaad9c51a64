import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgewiseError } from '../../errors/index.js';
import { AgeEstimator, faceRecord } from '../../estimate/node.js';
import { type PicturePool, startPicturePool } from './index.js';

const PHOTO = join(import.meta.dirname, '../../../node_modules/@vladmandic/face-api/demo/sample1.jpg');
const details = { distribution: true, atLeast: [18] };
const options = { workers: 1, queue: 4, taskMs: 60_000, memory: 4e9 };

let pool: PicturePool;
beforeAll(async () => {
  pool = await startPicturePool({ ...options, settings: { maxPixels: 50e6 } }, process.env);
});
afterAll(() => pool.close(0));

it('says of a picture what an estimator in this process says', async () => {
  const picture = await readFile(PHOTO);
  const [done] = await Promise.all(pool.run([{ picture, faces: { maxFaces: 2 }, details }]));
  const estimator = await AgeEstimator.load({ threads: 1 });
  const { width, height, faces } = await estimator.estimate(picture, { maxFaces: 2 });
  await estimator.dispose();
  expect(done!.answer).toEqual({ width, height, faces: faces.map((face) => faceRecord(face, details)) });
  expect(faces).toHaveLength(2);
});

it('refuses what is no picture in the words of the library, and stays alive', async () => {
  const [pid] = pool.pids;
  const error = await pool
    .run([{ picture: Buffer.from('Dear diary'), faces: {}, details }])[0]!
    .catch((e) => e);
  expect(error).toBeInstanceOf(AgewiseError);
  expect(error).toMatchObject({ kind: 'input', code: 'AGEWISE_IMAGE', subject: 'image', found: 'text' });
  expect(pool.pids).toEqual([pid]);
});

it('does not start with a model that is not there', async () => {
  const starting = startPicturePool({ ...options, settings: { models: ['no-such'] } }, process.env);
  await expect(starting).rejects.toMatchObject({ kind: 'missing', code: 'AGEWISE_MODEL_FILE' });
});
