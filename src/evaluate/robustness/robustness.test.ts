import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { yearClasses } from '../../age/index.js';
import { type FaceRow, faceTable } from '../../metrics/index.js';
import type { LabelledPicture } from '../pictures.js';
import type { PredictedFace } from '../predictions.js';
import type { AgesUnderChanges, FaceUnderChanges } from './ages.js';
import { CHANGE_KINDS, CHANGES } from './changes.js';
import { chooseFaces, hasKnownAge } from './choose.js';
import { robustnessFigures } from './figures.js';
import { predictUnderChanges } from './predict.js';

const SIDE = 40;

/** A grey disc in the middle of black: its brightness and place show what was changed. */
async function disc(level: number): Promise<Buffer> {
  const data = Uint8Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
    const colour = i % 3 === 0 ? level : level / 2;
    return Math.hypot(x - SIDE / 2 + 0.5, y - SIDE / 2 + 0.5) < SIDE / 4 ? colour : 0;
  });
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
}

const picture = (level: number): LabelledPicture => ({
  file: `${level}.png`,
  label: { age: level },
  columns: {},
  bytes: () => disc(level),
});

/** Two networks: one estimates a number of the crop as the age, the other a year more. */
function networks(numberOf: (crop: Float32Array) => number) {
  const classes = yearClasses();
  const sure = (age: number) => ({
    classes,
    probabilities: classes.map(({ from }) => Number(from === age)),
  });
  const input = {
    width: SIDE,
    height: SIDE,
    color: 'RGB',
    layout: 'NCHW',
    mean: [0, 0, 0],
    scale: [1, 1, 1],
    margin: 0,
    crop: 'square',
    alignment: 'none',
  } as const;
  const size = 3 * SIDE * SIDE;
  const runs: number[] = [];
  return {
    runs,
    models: [{ input }, { input }],
    findLabelled: async (image: object) => ({ image, region: null }),
    allocate: (count: number) => [0, 1].map(() => new Float32Array(count * size)),
    async predict([crops]: readonly Float32Array[], count: number) {
      runs.push(count);
      return Array.from({ length: count }, (_, i) => {
        const age = Math.round(numberOf(crops!.subarray(i * size, (i + 1) * size)));
        return [0, 1].map((model) => ({ age: sure(age + model), female: undefined, model }));
      });
    },
  } as unknown as Parameters<typeof predictUnderChanges>[2] & { runs: number[] };
}

async function* listed(levels: readonly number[]) {
  for (const level of levels) yield picture(level);
}

async function agesOf(numberOf: (crop: Float32Array) => number, levels = [80], places = [0]) {
  const used = networks(numberOf);
  const faces: FaceUnderChanges[] = [];
  for await (const face of predictUnderChanges(listed(levels), places, used)) faces.push(face);
  const at = (kind: string, face = 0) =>
    CHANGES.flatMap((change, c) => (change.kind === kind ? [faces[face]!.ages[c]![0]!] : []));
  return { faces, at, runs: used.runs };
}

const PLANE = SIDE * SIDE;
const red = (crop: Float32Array) => crop.subarray(0, PLANE);
const middle = (crop: Float32Array) => red(crop)[(SIDE / 2) * SIDE + SIDE / 2]!;
const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
/** How far the centre of brightness lies right of the middle, twice, from 50 on. */
const right = (crop: Float32Array) => {
  const plane = red(crop);
  return 50 + (2 * plane.reduce((all, v, i) => all + v * ((i % SIDE) - SIDE / 2 + 0.5), 0)) / sum(plane);
};

describe('faces under changes', () => {
  it('are the chosen ones, each seen by every model', async () => {
    const { faces, at, runs } = await agesOf(middle, [20, 40, 60], [0, 2]);
    expect(faces.map(({ face }) => face)).toEqual([0, 2]);
    expect(faces.every(({ ages }) => ages.length === CHANGES.length)).toBe(true);
    expect([at('plain'), at('plain', 1)]).toEqual([[20], [60]]);
    expect(faces[1]!.ages[0]).toEqual([60, 61]);
    expect(runs.reduce((a, b) => a + b)).toBe(2 * CHANGES.length);
  });

  it('are brighter, darker and grey', async () => {
    const { at } = await agesOf(middle, [40]);
    expect(at('brightness')).toEqual(
      CHANGE_KINDS.brightness!.levels.map((factor) => Math.round(40 * factor)),
    );
    // ITU-R BT.601 of a pixel of 40, 20 and 20.
    expect(at('grey')).toEqual([Math.round(0.299 * 40 + 0.587 * 20 + 0.114 * 20)]);
  });

  it('move to either side, and are mirrored back', async () => {
    const { at } = await agesOf(right, [80]);
    const [plain] = at('plain');
    expect(at('flip')).toEqual([plain]);
    // The first face goes right: the crop moves, and what it shows to the left.
    expect(at('shift')).toEqual(
      CHANGE_KINDS.shift!.levels.map((percent) => Math.round(50 - (2 * percent * SIDE) / 100)),
    );
    const views = at('view');
    expect(views[0]! + views[1]!).toBe(2 * plain!);
    expect(views[0]).toBe(views[5]);
    expect(views[0]).not.toBe(plain);
  });

  it('are smaller in a wider crop', async () => {
    const brightness = (crop: Float32Array) => (100 * sum(red(crop))) / (255 * PLANE);
    const { at } = await agesOf(brightness, [240]);
    const [plain] = at('plain');
    expect(at('margin')).toEqual(
      CHANGE_KINDS.margin!.levels.map((level) => expect.closeTo(plain! / level ** 2, -0.7)),
    );
  });

  it.each(['blur', 'jpeg', 'resolution'])(
    'lose more of what is sharp with each level of %s',
    async (kind) => {
      const detail = (crop: Float32Array) => {
        const plane = red(crop);
        let steps = 0;
        for (let i = 1; i < PLANE; i++) steps += (plane[i]! - plane[i - 1]!) ** 2;
        return Math.sqrt(steps) / 20;
      };
      const { at } = await agesOf(detail, [240]);
      const seen = [...at('plain'), ...at(kind)];
      // Levels as fine as the network's input change nothing.
      const changed = seen.filter((value) => value !== seen[0]);
      expect(changed.length).toBeGreaterThan(1);
      if (kind !== 'jpeg') expect(seen).toEqual(seen.toSorted((a, b) => b - a));
    },
  );

  it('are not predicted again after an interruption', async () => {
    const running = predictUnderChanges(
      listed([20]),
      [0],
      networks(middle),
      AbortSignal.abort(new Error('stop')),
    );
    await expect(running.next()).rejects.toThrow('stop');
  });
});

describe('the choice of faces', () => {
  const faces = Array.from(
    { length: 50 },
    (_, i): PredictedFace => ({
      file: `${i}`,
      label: i % 5 === 0 ? undefined : { age: 30 },
      columns: {},
      predictions: i % 7 === 0 ? undefined : [],
    }),
  );

  it('is of those with an age that were found, the same for a seed', () => {
    const known = faces.flatMap((face, i) => (hasKnownAge(face) ? [i] : []));
    const chosen = chooseFaces(known, 10, 1);
    expect(chosen).toHaveLength(10);
    expect(chosen.every((i) => i % 5 !== 0 && i % 7 !== 0)).toBe(true);
    expect(chosen).toEqual(chosen.toSorted((a, b) => a - b));
    expect(chooseFaces(known, 10, 1)).toEqual(chosen);
    expect(chooseFaces(known, 10, 2)).not.toEqual(chosen);
    expect(chooseFaces(known, 1000, 1)).toEqual(known);
    expect(known).toHaveLength(34);
  });
});

describe('figures of faces under changes', () => {
  const changes = [
    { kind: 'plain', level: 0 },
    { kind: 'blur', level: 1 },
    { kind: 'flip', level: 1 },
    { kind: 'view', level: 1 },
  ];
  const predicted: AgesUnderChanges = {
    changes,
    faces: [
      { face: 1, ages: [[30], [40], [32], [34]] },
      { face: 2, ages: [[50], [60], [50], [50]] },
      { face: 3, ages: [[9], [9], [9], [9]] },
    ],
  };
  const row = (age: number | undefined, identity: string): FaceRow => ({
    ...(age !== undefined && { label: { age } }),
    columns: { identity },
    prediction: { age: { mean: 0 } },
  });
  // The picture of place 0 could not be read; that of place 3 has no age.
  const table = faceTable([row(33, 'p'), row(50, 'p'), row(undefined, 'q')]);
  const draws = { draws: 20, seed: 0, confidence: 0.95 };

  it('match those computed by hand', () => {
    const found = robustnessFigures(predicted, table, [-1, 0, 1, 2], [0], draws)!;
    expect([found.faces, found.units]).toEqual([2, 1]);
    // Off by 3 and 0; blurred by 7 and 10. Both are one person, so that every draw is of both.
    expect(found.plain).toEqual({ value: 1.5, low: 1.5, high: 1.5 });
    expect(found.curves).toEqual([
      {
        kind: 'blur',
        levels: [
          {
            level: 1,
            mae: { value: 8.5, low: 8.5, high: 8.5 },
            change: { value: 7, low: 7, high: 7 },
          },
        ],
      },
      { kind: 'flip', levels: [expect.objectContaining({ level: 1 })] },
    ]);
    // 30, 32, 34 deviate by √(8/3), 50, 50, 50 not at all.
    expect(found.views.count).toBe(3);
    expect(found.views.deviation.value).toBeCloseTo(Math.sqrt(8 / 3) / 2, 12);
    expect([found.views.range.value, found.views.flip.value]).toEqual([2, 1]);
  });

  it('are of the mean of several models, and of no face none', () => {
    const both: AgesUnderChanges = {
      changes,
      faces: [
        {
          face: 0,
          ages: [
            [30, 40],
            [30, 30],
            [30, 30],
            [30, 30],
          ],
        },
      ],
    };
    expect(robustnessFigures(both, table, [0, 1, 2], [0, 1], draws)!.plain.value).toBe(2);
    expect(robustnessFigures({ changes, faces: [] }, table, [0, 1, 2], [0], draws)).toBeUndefined();
  });
});
