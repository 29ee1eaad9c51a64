/** Faces followed through clips that are made of photographs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgeEstimator, type Box, type FrameEstimate, type PixelImage } from '../src/estimate/index.js';
import { decodeImage } from '../src/vision/node.js';
import { CLIP, cameraFrame, cutOut, FRAMES_PER_SECOND, facesFrame } from './support/made-clip.js';

const photo = (n: number) => `node_modules/@vladmandic/face-api/demo/sample${n}.jpg`;

let estimator: AgeEstimator;
/** Photographs with the boxes of their faces, from left to right. */
const photographs: { readonly image: PixelImage; readonly boxes: readonly Box[] }[] = [];

beforeAll(async () => {
  estimator = await AgeEstimator.load();
  for (const n of [3, 6]) {
    const image = await decodeImage(photo(n));
    const { faces } = await estimator.estimate(image);
    const boxes = faces.map(({ box }) => box).sort((a, b) => a.x - b.x);
    photographs.push({ image, boxes });
  }
});
afterAll(() => estimator.dispose());

const face = (photograph: number, n: number) => {
  const { image, boxes } = photographs[photograph]!;
  return { image, box: boxes[n]! };
};

async function follow(images: readonly PixelImage[]): Promise<FrameEstimate[]> {
  const frames = images.map((image, i) => ({ image, time: i / FRAMES_PER_SECOND }));
  const results: FrameEstimate[] = [];
  for await (const result of estimator.follow(frames)) results.push(result);
  return results;
}

const deviation = (values: readonly number[]) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};

/** The ages shown of somebody, of the frames in which they are. */
const agesOf = (results: readonly FrameEstimate[], id: number) =>
  results.flatMap(({ faces }) => faces.filter((one) => one.id === id).map(({ face }) => face.age));

describe('a face that moves, grows, is lit and blurred over 300 frames', () => {
  let images: PixelImage[];
  let results: FrameEstimate[];

  beforeAll(async () => {
    const wave = (i: number, seconds: number, phase = 0) =>
      Math.sin((2 * Math.PI * i) / FRAMES_PER_SECOND / seconds + phase);
    images = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        cameraFrame(face(0, 0), {
          size: 85 + 22 * wave(i, 4.1),
          x: 0.5 + 0.15 * wave(i, 3.3),
          y: 0.5 + 0.08 * wave(i, 2.7, 1),
          light: 1 + 0.4 * wave(i, 2.3, 1),
          blur: 1.6 * Math.max(0, wave(i, 1.9)),
        }),
      ),
    );
    results = await follow(images);
  }, 120_000);

  it('keeps its number in every frame', () => {
    expect(results.every(({ faces }) => faces.some(({ id }) => id === 1))).toBe(true);
  });

  it('has an age that jitters five times less than that of single frames, after its first second', async () => {
    const shown = agesOf(results, 1).slice(FRAMES_PER_SECOND);
    const singles: number[] = [];
    for (let i = FRAMES_PER_SECOND; i < images.length; i += 3) {
      const { faces } = await estimator.estimate(images[i]!, { maxFaces: 1, order: 'size' });
      singles.push(faces[0]!.age);
    }
    expect(deviation(singles)).toBeGreaterThan(5 * deviation(shown));
    // It is no age of its own either.
    const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean(shown) - mean(singles))).toBeLessThan(1);
  });

  it('has its age within its first second', () => {
    const ages = agesOf(results, 1);
    expect(Math.abs(ages[FRAMES_PER_SECOND]! - ages.at(-1)!)).toBeLessThan(2);
  });

  it('has an age from its own pixels in each frame, also in frames without detection', () => {
    const singles = results.map(({ faces }) => faces.find(({ id }) => id === 1)!.single.age);
    expect(new Set(singles).size).toBe(singles.length);
  });
});

it('gives a face that appears in the place of another its own number and age at once', async () => {
  const shot = (i: number) => ({ size: 90, x: 0.5 + 0.001 * i, y: 0.5 });
  const images = await Promise.all(
    Array.from({ length: 60 }, (_, i) => cameraFrame(i < 30 ? face(1, 0) : face(1, 3), shot(i))),
  );
  const results = await follow(images);
  const main = ({ faces }: FrameEstimate) =>
    faces.toSorted((a, b) => b.face.box.width - a.face.box.width)[0]!;
  const [before, after] = [main(results[29]!), main(results[33]!)];
  expect(after.id).not.toBe(before.id);
  expect(after.since).toBeGreaterThan(before.since);
  const alone = await estimator.estimate(images[50]!, { maxFaces: 1, order: 'size' });
  expect(Math.abs(main(results[59]!).face.age - alone.faces[0]!.age)).toBeLessThan(2);
}, 60_000);

describe('two faces that cross, one in front of the other', () => {
  it('keep their numbers and their ages', async () => {
    const [ann, bob] = await Promise.all([cutOut(face(1, 0), 70), cutOut(face(1, 3), 70)]);
    const last = 89;
    const images = await Promise.all(
      Array.from({ length: last + 1 }, (_, i) =>
        facesFrame([
          { face: ann, x: 60 + (200 * i) / last, y: 118 },
          { face: bob, x: 260 - (200 * i) / last, y: 124 },
        ]),
      ),
    );
    const results = await follow(images);
    const sides = (frame: number) => results[frame]!.faces.toSorted((a, b) => a.face.box.x - b.face.box.x);
    const [before, after] = [sides(20), sides(last)];
    expect(before.map(({ id }) => id).sort()).toEqual([1, 2]);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id).reverse());
    // The two are of different ages, and neither takes on the other's.
    expect(Math.abs(before[0]!.face.age - before[1]!.face.age)).toBeGreaterThan(5);
    for (const { id, face } of before) {
      const later = after.find((one) => one.id === id)!;
      expect(Math.abs(later.face.age - face.age)).toBeLessThan(1.5);
    }
    expect(CLIP.width).toBe(results[0]!.width);
  }, 60_000);
});
