import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AgeEstimator,
  type FaceEstimate,
  type ImageEstimate,
  type ProgressEvent,
} from '../src/estimate/index.js';
import { constantModel, DOCUMENT } from '../src/estimate/testing.js';
import { readModel, writeModel } from '../src/onnx/index.js';
import { overlap, rotateImage, turnBackBox } from '../src/vision/index.js';
import { decodeImage } from '../src/vision/node.js';

const photo = (n: number) => join('node_modules/@vladmandic/face-api/demo', `sample${n}.jpg`);
/** Three young women, upright, large. */
const PHOTO = photo(1);

const faces = (result: unknown) => (result as ImageEstimate).faces;
const plain = ({ atLeast, ...rest }: FaceEstimate) => rest;

describe('AgeEstimator', () => {
  let estimator: AgeEstimator;

  beforeAll(async () => {
    estimator = await AgeEstimator.load();
  });
  afterAll(() => estimator.dispose());

  it('estimates every face of a photograph', async () => {
    const result = await estimator.estimate(PHOTO);
    expect([result.width, result.height]).toEqual([1920, 1280]);
    expect(result.faces).toHaveLength(3);
    for (const face of result.faces) {
      expect(face.age).toBeGreaterThan(18);
      expect(face.age).toBeLessThan(50);
      expect(face.gender).toEqual({ label: 'female', probability: expect.any(Number) });
      expect(face.interval[0]).toBeLessThan(face.age);
      expect(face.interval[1]).toBeGreaterThan(face.age);
      expect(face.distribution.probabilities).toHaveLength(101);
      expect(face.atLeast(18)).toBeGreaterThan(face.atLeast(40));
      const { rightEye, leftEye, nose, mouth } = face.landmarks!;
      expect(rightEye.x).toBeLessThan(leftEye.x);
      expect(nose.y).toBeGreaterThan(rightEye.y);
      expect(mouth.y).toBeGreaterThan(nose.y);
    }
  });

  it('gives the same for a path, bytes, pixels and a picture in a list', async () => {
    const expected = (await estimator.estimate(PHOTO)).faces.map(plain);
    const bytes = await readFile(PHOTO);
    const results = [
      await estimator.estimate(new URL(`file://${process.cwd()}/${PHOTO}`)),
      await estimator.estimate(bytes),
      await estimator.estimate(await decodeImage(PHOTO)),
      (await estimator.estimate([photo(2), PHOTO, photo(3)]))[1],
    ];
    for (const result of results) {
      expect(faces(result)).toHaveLength(3);
      faces(result).forEach((face, i) => {
        expect(face.box).toEqual(expected[i]!.box);
        // Another batch may sum in another order.
        expect(face.age).toBeCloseTo(expected[i]!.age, 3);
      });
    }
  });

  it('accepts a Blob, a Response, ImageData, and the output of sharp', async () => {
    const expected = await estimator.estimate(PHOTO);
    const { data, info } = await sharp(PHOTO).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const bytes = await readFile(PHOTO);
    const results = await estimator.estimate([
      new Blob([bytes]),
      new Response(bytes),
      { width: info.width, height: info.height, data: new Uint8ClampedArray(data) },
      { data, info },
      await sharp(PHOTO).png().toBuffer({ resolveWithObject: true }),
    ]);
    for (const result of results) {
      expect(faces(result)).toHaveLength(3);
      expect(faces(result)[0]!.age).toBeCloseTo(expected.faces[0]!.age, 0);
    }
  });

  it('reports what is not a picture, or a URL, without affecting others', async () => {
    const list = [
      PHOTO,
      new URL('http://localhost/a.jpg'),
      'https://localhost/a.jpg',
      null as never,
      'data:,x',
    ];
    const results = await estimator.estimate(list);
    const problems = results.map((r) =>
      'error' in r ? `${r.error.name}: ${r.error.message}` : r.faces.length,
    );
    expect(problems).toEqual([
      3,
      'ImageError: http://localhost/a.jpg: expected a file, found a URL, which is not downloaded',
      'ImageError: https://localhost/a.jpg: expected a file, found a URL, which is not downloaded',
      expect.stringMatching(/^TypeError: image: expected a path, .* found null$/),
      expect.stringMatching(/^TypeError: image: expected a path, found a data: URL/),
    ]);
    expect(results.map(({ index, source }) => [index, source])).toEqual([
      [0, PHOTO],
      [1, 'http://localhost/a.jpg'],
      [2, 'https://localhost/a.jpg'],
      [3, undefined],
      [4, 'data:,x'],
    ]);
  });

  it('shortens long texts given as names', async () => {
    const base64 = (await readFile(PHOTO)).toString('base64');
    const refused = estimator.estimate(base64).catch((error: Error) => error);
    expect(await refused).toBeInstanceOf(TypeError);
    expect(((await refused) as Error).message.length).toBeLessThan(200);
    const short = await estimator.estimate(base64.slice(0, 1000)).catch((error: Error) => error);
    expect((short as Error).message).toMatch(/: expected an image .*, found /);
    expect((short as Error).message.length).toBeLessThan(300);
  });

  it('estimates the faces that are requested', async () => {
    const all = (await estimator.estimate(PHOTO)).faces;
    const bySize = (await estimator.estimate(PHOTO, { order: 'size', maxFaces: 2 })).faces;
    const area = ({ box }: FaceEstimate) => box.width * box.height;
    const largest = [...all].sort((a, b) => area(b) - area(a)).slice(0, 2);
    expect(bySize.map(area)).toEqual(largest.map(area));
    const [first, second] = all.map(({ score }) => score!);
    expect((await estimator.estimate(PHOTO, { minScore: (first! + second!) / 2 })).faces).toHaveLength(1);
    expect((await estimator.estimate(PHOTO, { minFaceSize: 5000 })).faces).toEqual([]);
  });

  it('returns an error for each bad picture of a list, in its place', async () => {
    const results = await estimator.estimate([PHOTO, 'missing.jpg', Buffer.from('text'), photo(2)]);
    expect(results.map((r) => ('error' in r ? 'error' : r.faces.length))).toEqual([3, 'error', 'error', 3]);
    expect((results[1] as { error: Error }).error.message).toContain('missing.jpg');
  });

  it('rejects a single bad picture', async () => {
    await expect(estimator.estimate('missing.jpg')).rejects.toThrow(/missing\.jpg/);
  });

  it('reports no face as a result', async () => {
    const wall = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#888' } })
      .png()
      .toBuffer();
    expect(await estimator.estimate(wall)).toEqual({ width: 300, height: 200, faces: [] });
  });

  it('finds faces in a picture that lies on its side', async () => {
    const upright = await decodeImage(PHOTO);
    const expected = (await estimator.estimate(upright)).faces;
    const found = (await estimator.estimate(rotateImage(upright, 90))).faces;
    expect(expected).toHaveLength(3);
    expect(found).toHaveLength(3);
    for (const face of found) {
      const back = turnBackBox(face.box, 90, upright);
      const same = expected.find((e) => overlap(e.box, back).iou > 0.8);
      expect(same!.age).toBeCloseTo(face.age, 0);
    }
  });

  it('reports its progress and stops when aborted', async () => {
    const events: ProgressEvent[] = [];
    await estimator.estimate([PHOTO, photo(2)], { onProgress: (event) => events.push(event) });
    expect(events).toEqual([
      { phase: 'estimate', done: 1, total: 2 },
      { phase: 'estimate', done: 2, total: 2 },
    ]);
    const controller = new AbortController();
    const work = estimator.estimate([PHOTO, photo(2), photo(3), photo(4), photo(5)], {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(work).rejects.toThrow('enough');
  });

  it('treats a picture as one face if it is already cropped', async () => {
    const { box } = (await estimator.estimate(PHOTO)).faces[0]!;
    const crop = await sharp(PHOTO)
      .extract({
        left: Math.round(box.x),
        top: Math.round(box.y),
        width: Math.round(box.width),
        height: Math.round(box.height),
      })
      .png()
      .toBuffer();
    const cropped = await AgeEstimator.load({ cropped: true, gender: false });
    const [face, ...others] = (await cropped.estimate(crop)).faces;
    expect(others).toEqual([]);
    expect([face!.score, face!.landmarks, face!.gender]).toEqual([null, null, undefined]);
    expect(face!.age).toBeGreaterThan(15);
    await cropped.dispose();
  });
});

/** White on the left, black on the right. */
const HALVES = {
  width: 16,
  height: 16,
  data: Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 255 : 0)),
};

describe('ensembles and flips', () => {
  it('average distributions, not ages', async () => {
    const ensemble = await AgeEstimator.load({
      cropped: true,
      models: [constantModel(20), constantModel(40)],
    });
    const [face] = (await ensemble.estimate(HALVES)).faces;
    expect(face!.age).toBeCloseTo(30);
    expect(face!.std).toBeCloseTo(10);
    expect(face!.atLeast(30)).toBeCloseTo(0.5);
    await ensemble.dispose();
  });

  it('average a face with its mirror image', async () => {
    const estimate = async (flip: boolean) => {
      const estimator = await AgeEstimator.load({ cropped: true, models: [constantModel(20)], flip });
      const [face] = (await estimator.estimate(HALVES)).faces;
      await estimator.dispose();
      return face!.gender!;
    };
    // The column at the border of the halves is blurred by the resizing.
    expect(await estimate(false)).toEqual({ label: 'female', probability: 1 - 1 / 32 });
    expect((await estimate(true)).probability).toBeCloseTo(0.5);
  });

  it('refuses outputs that are not probabilities', async () => {
    const document = { ...DOCUMENT, age: { ...DOCUMENT.age, activation: 'probabilities' } };
    const load = AgeEstimator.load({ models: [{ model: constantModel(20, false), metadata: document }] });
    await expect(load).rejects.toThrow(/'age' must be probabilities, found numbers that sum to 50/);
  });

  it('accepts metadata for a model without any', async () => {
    const model = constantModel(33, false);
    await expect(AgeEstimator.load({ models: [model] })).rejects.toThrow(/no metadata property 'agewise'/);
    const estimator = await AgeEstimator.load({ cropped: true, models: [{ model, metadata: DOCUMENT }] });
    expect((await estimator.estimate(HALVES)).faces[0]!.age).toBeCloseTo(33);
    await estimator.dispose();
  });
});

describe('a stream', () => {
  it('does not hold results back for long', async () => {
    const estimator = await AgeEstimator.load({ cropped: true, models: [constantModel(20)], gender: false });
    let taken = 0;
    function* pictures() {
      for (; taken < 100; taken++) yield taken === 0 ? HALVES : Buffer.from('no picture');
    }
    const stream = estimator.stream(pictures());
    const first = await stream.next();
    expect((first.value as ImageEstimate).faces[0]!.age).toBeCloseTo(20);
    expect(taken).toBeLessThan(20);
    await stream.return(undefined);
    await estimator.dispose();
  });
});

describe('misuse', () => {
  it.each([
    ['five channels', { ...HALVES, data: new Uint8Array(16 * 16 * 5) }, /3 · width · height bytes/],
    ['a broken width', { ...HALVES, width: 15.5 }, /integer sides/],
    ['numbers that are no bytes', { ...HALVES, data: new Float32Array(16 * 16 * 3) as never }, /Uint8Array/],
  ])('is reported: pixels with %s', async (_, pixels, sentence) => {
    const estimator = await AgeEstimator.load({ cropped: true, models: [constantModel(20)] });
    await expect(estimator.estimate(pixels)).rejects.toThrow(sentence);
    await estimator.dispose();
  });

  it.each([
    [{ device: 'gpu' as never }, /device: expected one of cpu, webgpu, cuda, found 'gpu'/],
    [{ threads: 0 }, /threads: expected a positive whole number, found 0/],
    [{ models: 'agewise-base' as never }, /models: expected a list/],
    [{ models: [] }, /models: expected at least one/],
    [{ models: [undefined as never] }, /models: expected a name, .* found nothing$/],
    [{ models: [42 as never] }, /models: expected a name, .* found number 42$/],
    [{ models: [{ modle: 'agewise-base' } as never] }, /found an object with modle$/],
    [{ worker: true, models: [null as never] }, /models: expected a name, .* found null$/],
  ])('is reported: %o', async (options, sentence) => {
    await expect(AgeEstimator.load(options)).rejects.toThrow(sentence);
  });

  it('is reported: use after disposal, which may happen twice', async () => {
    const estimator = await AgeEstimator.load({ cropped: true, models: [constantModel(20)] });
    await estimator.dispose();
    await estimator.dispose();
    await expect(estimator.estimate(HALVES)).rejects.toThrow(/disposed/);
  });
});

describe('models that cannot be loaded', () => {
  it.each([
    [
      'a name that is neither file nor model',
      'nothing.onnx',
      /'nothing\.onnx' is neither a file nor a shipped model/,
    ],
    ['a file that is no model', 'package.json', /'package\.json': The bytes are not an ONNX model/],
    ['a folder', 'src', /'src': expected an .onnx file, found a folder/],
  ])('are reported in one sentence: %s', async (_, model, sentence) => {
    await expect(AgeEstimator.load({ models: [model] })).rejects.toThrow(sentence);
  });

  it('reports a number of classes that contradicts the outputs, even if only a run shows it', async () => {
    const document = { ...DOCUMENT, age: { ...DOCUMENT.age, classes: [1, 2, 3] } };
    const sentence = /'age' has 101.*3|3 age classes, its output 'age' has 101/;
    const known = constantModel(20, false);
    await expect(AgeEstimator.load({ models: [{ model: known, metadata: document }] })).rejects.toThrow(
      sentence,
    );
    const read = readModel(known);
    const outputs = read.graph.outputs.map((o) => ({
      ...o,
      type: { dtype: 'float32' as const, shape: undefined },
    }));
    const unknown = writeModel({ ...read, graph: { ...read.graph, outputs, valueInfo: new Map() } });
    await expect(AgeEstimator.load({ models: [{ model: unknown, metadata: document }] })).rejects.toThrow(
      sentence,
    );
  });
});
