import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { floatData, floatTensor, RuntimeError } from '../runtime/index.js';
import { createSession } from '../runtime/node.js';
import { constantModel } from './testing.js';
import { openAgeThread } from './threaded-ages.js';

let folder: string;
const model = () => ({ name: 'constant', path: join(folder, 'constant.onnx') });
const faces = (count: number, value: number) => ({
  image: floatTensor(new Float32Array(count * 3 * 8 * 8).fill(value), [count, 3, 8, 8]),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-thread-'));
  await writeFile(model().path, constantModel(20));
});
afterAll(() => rm(folder, { recursive: true }));

it('gives what sessions in this thread give, for runs of any size and order', async () => {
  const here = await createSession(constantModel(20), 'constant');
  const [first, second] = await openAgeThread([model(), model()], 1);
  const inputs = [4, 1, 3, 4, 2].map((count, i) => faces(count, i / 8));
  const given = inputs.map((input, i) => (i % 2 ? second! : first!).run(input, ['gender']));
  // The caller may use the memory again at once.
  const kept = inputs.map(({ image }) => ({ image: { ...image, data: floatData(image).slice() } }));
  for (const { image } of inputs) floatData(image).fill(9);
  for (const [i, run] of given.entries()) {
    const expected = await here.run(kept[i]!, ['gender']);
    expect(await run).toEqual({ gender: expect.objectContaining({ dims: expected.gender!.dims }) });
    expect(floatData((await run).gender!)).toEqual(floatData(expected.gender!));
  }
  await here.dispose();
  await first!.dispose();
  expect(Object.keys(await second!.run(faces(1, 0), ['age', 'gender']))).toEqual(['age', 'gender']);
  await second!.dispose();
});

it('passes on the failure of a run, and goes on', async () => {
  const [session] = await openAgeThread([model()], 1);
  const wrong = session!.run({ picture: faces(1, 0).image }, ['age']);
  await expect(wrong).rejects.toThrow(RuntimeError);
  await expect(session!.run(faces(1, 0), ['age'])).resolves.toHaveProperty('age');
  await session!.dispose();
  await expect(session!.run(faces(1, 0), ['age'])).rejects.toThrow('has ended');
});

it('throws if a session cannot be made', async () => {
  const missing = { name: 'missing', path: join(folder, 'missing.onnx') };
  await expect(openAgeThread([missing], 1)).rejects.toThrow("Model 'missing' cannot be loaded");
});
