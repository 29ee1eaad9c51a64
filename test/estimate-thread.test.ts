/** An estimator whose networks run in a thread of their own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InferenceSession } from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AgeEstimator, FaceEstimate, ModelFileError, type ProgressEvent } from '../src/estimate/index.js';
import { constantModel } from '../src/estimate/testing.js';
import { ImageError } from '../src/vision/index.js';
import { decodeImage } from '../src/vision/node.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const PHOTO = join(ROOT, 'node_modules/@vladmandic/face-api/demo/sample1.jpg');
/** The same photograph, which takes less time. */
const folder = await mkdtemp(join(tmpdir(), 'estimate-thread-'));
const SMALL = join(folder, 'small.jpg');
await sharp(PHOTO).resize(240).jpeg().toFile(SMALL);
afterAll(() => rm(folder, { recursive: true }));

describe('an estimator with a worker', () => {
  let estimator: AgeEstimator;
  const events: ProgressEvent[] = [];

  beforeAll(async () => {
    estimator = await AgeEstimator.load({ worker: true, onProgress: (event) => events.push(event) });
  });
  afterAll(() => estimator.dispose());

  it('gives the results of one without, and runs no network in the calling thread', async () => {
    const local = await AgeEstimator.load();
    const expected = await local.estimate(PHOTO);
    await local.dispose();
    expect(expected.faces).toHaveLength(3);

    const bytes = await readFile(PHOTO);
    // A view into more memory than the picture's.
    const view = new Uint8Array(bytes.length + 100);
    view.set(bytes, 50);
    const sources = [
      bytes,
      view.subarray(50, 50 + bytes.length),
      new Blob([bytes]),
      await decodeImage(PHOTO),
    ];
    // The types call it a factory; it is the class of every session.
    const { prototype } = InferenceSession as unknown as { prototype: Pick<InferenceSession, 'run'> };
    const here = vi.spyOn(prototype, 'run');
    const found = await estimator.estimate(PHOTO);
    expect(found).toEqual(expected);
    expect(found.faces[0]).toBeInstanceOf(FaceEstimate);
    expect(found.faces[0]!.atLeast(18)).toBe(expected.faces[0]!.atLeast(18));
    for (const source of sources) {
      expect((await estimator.estimate(source)).faces).toEqual(expected.faces);
      // What was given is still there.
      if (source instanceof Uint8Array) expect(source.length).toBe(bytes.length);
    }
    expect(here).not.toHaveBeenCalled();
    here.mockRestore();
  });

  it('reports its progress', () => {
    expect(events).toEqual([
      { phase: 'load', model: 'agewise-base', done: 1, total: 2 },
      { phase: 'load', model: 'face-detector', done: 2, total: 2 },
    ]);
  });

  it('reports a bad picture by an error of its class, without affecting others', async () => {
    const [good, missing, text, none] = await estimator.estimate([
      PHOTO,
      'missing.jpg',
      Buffer.from('text'),
      null as never,
    ]);
    expect(good).toMatchObject({ index: 0, source: PHOTO, faces: { length: 3 } });
    expect(missing).toMatchObject({ index: 1, source: 'missing.jpg', error: expect.any(ImageError) });
    expect(text).toMatchObject({
      index: 2,
      error: { message: expect.stringMatching(/^image: .* found text$/) },
    });
    expect(none).toMatchObject({ index: 3, error: expect.any(TypeError) });
  });

  it('estimates the requested faces, and stops when aborted', async () => {
    expect((await estimator.estimate(PHOTO, { maxFaces: 1 })).faces).toHaveLength(1);
    const stop = new AbortController();
    const work = estimator.estimate([PHOTO, PHOTO, PHOTO], {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(work).rejects.toThrow('enough');
  });
});

describe('the thread', () => {
  it('ends at disposal, after the work in progress', async () => {
    const estimator = await AgeEstimator.load({ worker: true, models: [constantModel(30)], cropped: true });
    const square = { width: 16, height: 16, data: new Uint8Array(3 * 16 * 16) };
    const work = estimator.estimate(new Array(20).fill(square));
    await estimator.dispose();
    const results = await work;
    expect(results).toHaveLength(20);
    for (const result of results) expect(result).toMatchObject({ faces: [{ age: expect.closeTo(30) }] });
    await expect(estimator.estimate(square)).rejects.toThrow(/disposed/);
  });

  it('refuses an array that was transferred away, without affecting others', async () => {
    const estimator = await AgeEstimator.load({ worker: true, models: [constantModel(30)], cropped: true });
    const gone = () => {
      const data = new Uint8Array(3 * 16 * 16);
      structuredClone(data, { transfer: [data.buffer] });
      return data;
    };
    const square = { width: 16, height: 16, data: new Uint8Array(3 * 16 * 16) };
    const results = await estimator.estimate([gone(), square, { ...square, data: gone() }]);
    expect(results.map((result) => 'error' in result)).toEqual([true, false, true]);
    await estimator.dispose();
  });

  it('that starts later has the model that was loaded, though its file has changed', async () => {
    const file = join(folder, 'changed.onnx');
    await writeFile(file, constantModel(30));
    const estimator = await AgeEstimator.load({ models: [file], cropped: true, threads: 2 });
    await writeFile(file, constantModel(60));
    const square = { width: 16, height: 16, data: new Uint8Array(3 * 16 * 16) };
    const ages = async () => {
      const results = await estimator.estimate(new Array(40).fill(square));
      return new Set(results.map((result) => 'faces' in result && Math.round(result.faces[0]!.age)));
    };
    const { pipeline } = estimator as unknown as { readonly pipeline: { readonly parallel: number } };
    await vi.waitFor(
      async () => {
        await ages();
        expect(pipeline.parallel).toBe(2);
      },
      { timeout: 60_000, interval: 200 },
    );
    expect([...(await ages())]).toEqual([30]);
    await estimator.dispose();
  });

  it('reports wrong models and options like the library elsewhere', async () => {
    const load = AgeEstimator.load({ worker: true, models: [new URL('file:///missing.onnx')] });
    await expect(load).rejects.toThrow(ModelFileError);
    await expect(load).rejects.toThrow(/missing\.onnx' is neither a file nor a shipped model/);
    const threads = AgeEstimator.load({ worker: true, threads: 0 });
    await expect(threads).rejects.toThrow(RangeError);
  });

  it('does not keep a program alive that never disposes it', async () => {
    const program = `
      import { AgeEstimator } from ${JSON.stringify(join(ROOT, 'dist/estimate/index.js'))};
      const estimator = await AgeEstimator.load({ worker: true });
      const { faces } = await estimator.estimate(${JSON.stringify(PHOTO)});
      console.log(faces.length);
    `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 30_000,
    });
    expect(stdout).toBe('3\n');
  });

  it.each(['worker: true', 'threads: 2'])(
    'lets a program exit in the middle of its work, with %s',
    async (option) => {
      const program = `
      import { AgeEstimator } from ${JSON.stringify(join(ROOT, 'dist/estimate/index.js'))};
      const estimator = await AgeEstimator.load({ ${option} });
      let done = 0;
      await estimator.estimate(new Array(60).fill(${JSON.stringify(SMALL)}), {
        onProgress: () => {
          if (++done === 45) process.exit(7);
        },
      });
    `;
      const ending = run(process.execPath, ['--input-type=module', '-e', program], { timeout: 60_000 });
      await expect(ending).rejects.toMatchObject({ code: 7, signal: null, stderr: '' });
    },
  );
});

describe('an estimator that is given many small pictures', () => {
  it('works on them by threads, with the same results in the same order', async () => {
    const { AgeEstimator }: typeof import('../src/estimate/index.js') = await import(
      join(ROOT, 'dist/estimate/index.js')
    );
    const estimator = await AgeEstimator.load({ threads: 2 });
    const alone = await estimator.estimate(SMALL);
    const { prototype } = InferenceSession as unknown as { prototype: Pick<InferenceSession, 'run'> };
    const here = vi.spyOn(prototype, 'run');
    const pictures = Array.from({ length: 80 }, (_, i) => (i % 20 === 7 ? `missing-${i}.jpg` : SMALL));
    const results = await estimator.estimate(pictures);
    const before = here.mock.calls.length;
    expect(before).toBeGreaterThan(0);
    results.push(...(await estimator.estimate(pictures.slice(0, 3))));
    expect(here.mock.calls).toHaveLength(before);
    here.mockRestore();
    const close = (age: number) => expect.closeTo(age, 3);
    const faces = alone.faces.map(({ box, age }) => ({ box, age: close(age) }));
    results.forEach((result, i) => {
      const source = pictures[i % 80]!;
      expect(result).toMatchObject(
        source === SMALL ? { source, faces } : { source, error: { name: 'ImageError' } },
      );
    });
    await estimator.dispose();
  });
});
