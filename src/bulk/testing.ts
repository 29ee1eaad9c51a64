/** A fake estimator for tests, whose results follow from each picture's bytes. */
import { setTimeout } from 'node:timers/promises';
import { yearClasses } from '../age/index.js';
import { type AgeEstimator, FaceEstimate, type PictureResult } from '../estimate/index.js';
import { testFace } from '../estimate/testing.js';
import { ImageError } from '../vision/index.js';
import type { BulkPicture } from './picture.js';
import type { EstimateRequest } from './request.js';

/** A picture's number gives its faces and ages; every seventh picture cannot be read. */
export const facesOf = (number: number): number => number % 3;

export const fakeEstimator: Pick<AgeEstimator, 'stream'> = {
  async *stream(images) {
    let index = 0;
    for await (const image of images) {
      await setTimeout(0);
      yield {
        index: index++,
        ...resultOf(Number(Buffer.from(image as Uint8Array).toString())),
      } as PictureResult;
    }
  },
};

function resultOf(number: number) {
  if (number % 7 === 6) return { error: new ImageError('image', 'an image', `number ${number}`) };
  const classes = yearClasses();
  const faces = Array.from({ length: facesOf(number) }, (_, i) => {
    const age = (number * 31 + i) % 100;
    const probabilities = classes.map(({ from }) => (from === age ? 0.75 : from === age + 1 ? 0.25 : 0));
    return new FaceEstimate({
      ...testFace(age),
      box: { x: number, y: i, width: 10.25, height: 20.5 },
      age: age + 0.25,
      std: 1 / 3,
      interval: [age - 1, age + 1],
      ...(number % 2 === 0 && { gender: { label: 'female' as const, probability: 0.9 } }),
      distribution: { classes, probabilities },
    });
  });
  return { width: 640, height: 480, faces };
}

/** Pictures whose bytes are their numbers, from `from` to before `to`; every eleventh input is an error. */
export async function* numbered(to: number, from = 0): AsyncGenerator<BulkPicture> {
  for (let index = from; index < to; index++) {
    const file = `folder/${index}, "ä".jpg`;
    yield index % 11 === 10
      ? { index, file, error: `${file}: it is missing` }
      : { index, file, picture: async () => Buffer.from(String(index)) };
  }
}

export const requestOf = (changes: Partial<EstimateRequest> = {}): EstimateRequest => ({
  version: '1.2.3',
  models: [{ name: 'fake', sha256: '0' }],
  options: { device: 'cpu', gender: true, turn: true, flip: false, cropped: false },
  details: { distribution: true, atLeast: [18] },
  inputs: ['folder'],
  ...changes,
});
