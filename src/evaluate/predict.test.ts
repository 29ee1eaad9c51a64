import sharp from 'sharp';
import { expect, it } from 'vitest';
import { yearClasses } from '../age/index.js';
import type { FaceNetworks } from '../estimate/node.js';
import type { LabelledPicture } from './pictures.js';
import { predictFaces } from './predict.js';

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

/** Networks that find no face in black pictures, and tell the brightness as an age. */
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
  const { ages } = await predict(all, { skip: 38 });
  expect(ages).toEqual([39, 40]);
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
