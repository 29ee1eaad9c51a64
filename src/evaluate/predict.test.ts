import sharp from 'sharp';
import { expect, it } from 'vitest';
import { yearClasses } from '../age/index.js';
import type { FaceNetworks } from '../estimate/node.js';
import type { LabelledPicture } from './pictures.js';
import { predictFaces, predictionsOf } from './predict.js';

const grey = (level: number) =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: { r: level, g: level, b: level } } })
    .png()
    .toBuffer();

const picture = (level: number, rest: Partial<LabelledPicture> = {}): LabelledPicture => ({
  file: `${level}.png`,
  label: { age: level },
  columns: {},
  bytes: () => grey(level),
  ...rest,
});

/** Networks that find no face in black pictures, and estimate the brightness as the age. */
function networks(): Parameters<typeof predictFaces>[1] & { runs: number[] } {
  const runs: number[] = [];
  const classes = yearClasses();
  return {
    runs,
    findLabelled: async (image) => (image.data[0] === 0 ? undefined : { image, region: null }),
    allocate: (count) => [new Float32Array(count)],
    prepare: ({ data }, _, [crops], place) => {
      crops![place] = data[0]!;
    },
    async predict([crops], count) {
      runs.push(count);
      return Array.from({ length: count }, (_, i) => {
        const probabilities = classes.map(({ from }) => Number(from === crops![i]));
        return [{ age: { classes, probabilities }, female: 0.1 }];
      }) as Awaited<ReturnType<FaceNetworks['predict']>>;
    },
  };
}

async function* listed(pictures: readonly LabelledPicture[]) {
  yield* pictures;
}

async function predict(pictures: readonly LabelledPicture[], options = {}) {
  const used = networks();
  const faces = [];
  for await (const batch of predictFaces(listed(pictures), used, options)) faces.push(...batch);
  const ages = faces.map(({ predictions }) => predictions?.[0]?.years.indexOf(1));
  return { faces, ages, runs: used.runs };
}

it('keeps predictions in the places of their pictures, past those without a face or not readable', async () => {
  const broken = picture(7, { bytes: async () => new Uint8Array([1, 2, 3]) });
  const { faces, ages, runs } = await predict([picture(20), picture(0), broken, picture(30)]);
  expect(ages).toEqual([20, undefined, undefined, 30]);
  expect(faces.map(({ problem }) => problem)).toEqual([
    undefined,
    undefined,
    expect.stringMatching(/^7\.png: expected /),
    undefined,
  ]);
  expect(faces[0]!.predictions![0]!.female).toBe(Math.fround(0.1));
  expect(runs).toEqual([2]);
});

it('runs the networks on 32 faces at a time, and skips earlier pictures', async () => {
  const all = Array.from({ length: 40 }, (_, i) => picture(i + 1));
  expect((await predict(all)).runs).toEqual([32, 8]);
  const { faces } = await predict(all);
  const { ages, runs } = await predict(all, { done: faces.slice(0, 38) });
  expect([ages, runs]).toEqual([[39, 40], [2]]);
});

it('refuses labels that are not ages in years', async () => {
  await expect(predict([picture(30), picture(40, { label: { age: 310 } })])).rejects.toThrow(
    '40.png: expected an age in years, up to 125, found 310, which may be in months or days',
  );
});

it('stops when its signal is aborted', async () => {
  const stop = AbortSignal.abort(new Error('enough'));
  await expect(predict([picture(30)], { signal: stop })).rejects.toThrow('enough');
});

it('continues only with the pictures at which it stopped', async () => {
  const all = [picture(20), picture(30), picture(40)];
  const { faces: done } = await predict(all.slice(0, 2));
  expect((await predict(all, { done })).ages).toEqual([40]);
  await expect(predict([picture(20), picture(31)], { done })).rejects.toThrow(
    "Unfinished predictions: expected '30.png' where they left off, found '31.png'; the data have changed, remove the unfinished file to start again",
  );
  await expect(predict([picture(20), picture(30, { label: { age: 29 } })], { done })).rejects.toThrow(
    'other labels of it',
  );
  await expect(predict([picture(20)], { done })).rejects.toThrow('found no picture');
});

it("is of each model in the mean over a face's views, and of the networks that it averages", () => {
  const sure = (...ages: number[]) => ({
    classes: [
      { from: 20, to: 20 },
      { from: 40, to: 40 },
    ],
    probabilities: [20, 40].map((age) => ages.filter((one) => one === age).length / ages.length),
  });
  const view = (age: number, model: number, female: number) => ({
    age: sure(age),
    model,
    female,
    members: model === 0 ? [sure(20), sure(20, 40)] : undefined,
  });
  const found = predictionsOf([view(20, 0, 0.5), view(40, 0, 0.75), view(40, 1, 0.25), view(40, 1, 0.25)]);
  expect(found.map(({ years, female }) => [years[20], years[40], female])).toEqual([
    [0.5, 0.5, 0.625],
    [1, 0, undefined],
    [0.5, 0.5, undefined],
    [0, 1, 0.25],
  ]);
});
