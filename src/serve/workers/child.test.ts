import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgewiseError } from '../../errors/index.js';
import {
  AgeEstimator,
  faceRecord,
  shippedModelPath,
  verificationRecord,
  verifyAge,
} from '../../estimate/node.js';
import { readMetadata } from '../../metadata/index.js';
import { readModelFile } from '../../onnx/file.js';
import { decodeImage } from '../../vision/node.js';
import type { Signature } from '../inference/index.js';
import { type EstimatingPool, startEstimatingPool } from './index.js';

const PHOTO = join(import.meta.dirname, '../../../node_modules/@vladmandic/face-api/demo/sample1.jpg');
const details = { distribution: true, atLeast: [18] };
const options = { workers: 1, atOnce: 4, queue: 4, taskMs: 60_000, memory: 4e9 };

/** Compiling the child's sources takes long on a busy machine. */
const START_TIMEOUT = 60_000;

let pool: EstimatingPool;
beforeAll(async () => {
  pool = await startEstimatingPool(
    { ...options, settings: { maxPixels: 99e6, maxDecodeSeconds: 1 } },
    process.env,
  );
}, START_TIMEOUT);
afterAll(() => pool.close(0));

it('estimates a picture like an estimator in this process', async () => {
  const picture = await readFile(PHOTO);
  const [done] = await Promise.all(pool.run([{ do: 'estimate', picture, faces: { maxFaces: 2 }, details }]));
  const estimator = await AgeEstimator.load({ threads: 1 });
  const { width, height, faces } = await estimator.estimate(picture, { maxFaces: 2 });
  await estimator.dispose();
  expect(done!.answer).toEqual({ width, height, faces: faces.map((face) => faceRecord(face, details)) });
  expect(faces).toHaveLength(2);
});

it('estimates several pictures at once like an estimator one by one', async () => {
  const file = await readFile(PHOTO);
  const pictures = await Promise.all(
    [120, 160, 200, 240, 280, 320].map((width) =>
      sharp(file).extract({ left: 330, top: 280, width: 320, height: 400 }).resize(width).png().toBuffer(),
    ),
  );
  const tasks = pictures.map((picture) => ({ do: 'estimate' as const, picture, faces: {}, details }));
  const done = await Promise.all(pool.run(tasks));
  const estimator = await AgeEstimator.load({ threads: 1 });
  for (const [i, picture] of pictures.entries()) {
    const { width, faces } = await estimator.estimate(picture);
    const { answer } = done[i]!;
    expect(answer).toMatchObject({ width, faces: [{ box: faceRecord(faces[0]!, details).box }] });
    // In a batch the last digits may differ.
    expect(Math.abs(answer.faces[0]!.age - faces[0]!.age)).toBeLessThan(0.11);
  }
  await estimator.dispose();
});

it("refuses other bytes with the library's message, and stays alive", async () => {
  const [pid] = pool.pids;
  const error = await pool
    .run([{ do: 'estimate', picture: Buffer.from('Dear diary'), faces: {}, details }])[0]!
    .catch((e) => e);
  expect(error).toBeInstanceOf(AgewiseError);
  expect(error).toMatchObject({ kind: 'input', code: 'AGEWISE_IMAGE', subject: 'image', found: 'text' });
  expect(pool.pids).toEqual([pid]);
});

it('fetches nothing, whatever address the bytes contain', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.jpg`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><image href="${address}"/></svg>`;
  for (const text of [address, `file://${PHOTO}`, PHOTO, svg]) {
    const [refused] = pool.run([{ do: 'estimate', picture: Buffer.from(text), faces: {}, details }]);
    await expect(refused).rejects.toMatchObject({ kind: 'input', code: 'AGEWISE_IMAGE' });
  }
  server.close();
  expect(asked).toBe(0);
});

it('does not start with a missing model', async () => {
  const starting = startEstimatingPool(
    { ...options, settings: { models: ['no-such'], maxPixels: 50e6 } },
    process.env,
  );
  await expect(starting).rejects.toMatchObject({ kind: 'missing', code: 'AGEWISE_MODEL_FILE' });
});

it('verifies ages like the library', async () => {
  const file = await readFile(PHOTO);
  const picture = await sharp(file)
    .extract({ left: 330, top: 280, width: 320, height: 400 })
    .png()
    .toBuffer();
  const rule = { age: 18, challenge: 25 };
  const [done] = await Promise.all(pool.run([{ do: 'verify', picture, rule }]));
  const estimator = await AgeEstimator.load({ threads: 1 });
  const image = await decodeImage(picture);
  const { faces } = await estimator.estimate(image);
  await estimator.dispose();
  expect(done!.answer).toEqual(verificationRecord(verifyAge(image, faces, rule)));
  expect(done!.answer.faces).toBe(1);
});

it('runs a network, twice, like ONNX Runtime by itself', async () => {
  const path = (await shippedModelPath('agewise-base'))!;
  const { input } = readMetadata(await readModelFile(path), path);
  const shape = [2, 3, input.height, input.width];
  const image = Float32Array.from(
    { length: shape.reduce((a, b) => a * b) },
    (_, i) => ((i * 37) % 256) - 110,
  );
  const session = await ort.InferenceSession.create(path);
  const expected = await session.run({ image: new ort.Tensor('float32', image, shape) });
  await session.release();
  for (let again = 0; again < 2; again++) {
    const [done] = await Promise.all(pool.run([{ do: 'run', model: 0, image, count: 2 }]));
    for (const name of ['age', 'gender'] as const) {
      const values = done!.answer[name]!;
      const wanted = expected[name]!.data as Float32Array;
      expect(values.length).toBe(wanted.length);
      expect(Math.max(...values.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThan(1e-5);
    }
  }
  const nothing = new Float32Array(image.length / 2).fill(Number.NaN);
  const [refused] = pool.run([{ do: 'run', model: 0, image: nothing, count: 1 }]);
  await expect(refused).rejects.toMatchObject({ kind: 'input', found: 'numbers without a finite result' });
});

it('parses a request of the inference protocol, and reports what is wrong with one', async () => {
  const signature: Signature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
  };
  const body = (datatype: string) =>
    Buffer.from(JSON.stringify({ inputs: [{ name: 'x', datatype, shape: [2], data: [1, 2] }] }));
  const read = (datatype: string) => {
    const bytes = body(datatype);
    return pool.run([{ do: 'read', body: bytes, jsonBytes: bytes.length, signature }])[0]!;
  };
  expect((await read('FP32')).answer.inputs.x!.data).toEqual(Float32Array.of(1, 2));
  await expect(read('FP16')).rejects.toMatchObject({
    kind: 'usage',
    message: "x, datatype: expected 'FP32', found 'FP16'",
  });
});

it('stops decoding that takes too long, and stays alive', async () => {
  // Interlaced, so that no row is whole before all are decoded: seconds for a file of 100 kB.
  const side = 9_900;
  const picture = await sharp(Buffer.alloc(side * side), { raw: { width: side, height: side, channels: 1 } })
    .toColourspace('b-w')
    .png({ progressive: true })
    .toBuffer();
  const [pid] = pool.pids;
  await expect(pool.run([{ do: 'estimate', picture, faces: {}, details }])[0]).rejects.toMatchObject({
    kind: 'input',
    message: 'image: expected an image that is decoded within 1 s, found one that takes longer',
  });
  expect(pool.pids).toEqual([pid]);
});
