/** What a student learns of a teacher. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GREY_RECIPE, trainSmallRun, writeGreyStore } from '../../test/support/small-run.js';
import { ageTarget, CLASS_SETS } from '../age/index.js';
import { StoreUnion } from '../data/index.js';
import { randomWeights } from '../networks/index.js';
import { float32 } from '../onnx/index.js';
import { floatData } from '../runtime/index.js';
import { feedsOf } from './feed.js';
import { assemble } from './graph/index.js';
import { readHistory } from './log/index.js';
import { type RecipeDocument, recipeSchema } from './recipe/schema.js';
import { openRunData } from './run-data.js';
import { startLoaders } from './run-loaders.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { type Taught, Teacher, writeTeacher } from './teacher.js';

const YEARS = 101;
const SHARE = 0.25;

const gaussian = (age: number, std: number): Float64Array => {
  const values = Float64Array.from({ length: YEARS }, (_, k) => Math.exp(-((k - age) ** 2) / (2 * std ** 2)));
  const sum = values.reduce((a, b) => a + b);
  return values.map((v) => v / sum);
};

/** Of the rows 0 and 1 of the store, under other folders; row 2 is not taught. */
const TAUGHT: readonly Taught[] = [
  { path: 'elsewhere/0.png', age: gaussian(40, 3), male: 0.9 },
  { path: '1.png', age: gaussian(15, 2), male: 0.2 },
];

let folder: string;
let file: string;
let stores: StoreUnion;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-teacher-'));
  file = join(folder, 'teacher.safetensors');
  await writeTeacher(file, TAUGHT);
  stores = await StoreUnion.open([await writeGreyStore(join(folder, 'store'))]);
});
afterAll(async () => {
  await stores.close();
  await rm(folder, { recursive: true });
});

const recipeOf = (age: RecipeDocument['heads']['age']) =>
  recipeSchema.parse({ ...GREY_RECIPE, heads: { age, gender: {} }, data: { store: stores.folder } });

const opened = async (teacher = file) =>
  (await Teacher.open(recipeOf({ teacher: { file: teacher, share: SHARE } }), stores))!;

const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (v, k) => Math.abs(v - b[k]!)));
const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
const targetOf = (label: Parameters<typeof ageTarget>[1]) => ageTarget(CLASS_SETS['0-100'], label);

describe("a teacher's file", () => {
  it('holds the first 8 bytes of the MD5 of names, and 102 bytes a face beside them', async () => {
    const { tensors } = readSafetensors(await readFile(file));
    expect([...tensors].map(([name, t]) => [name, t.dtype, t.dims])).toEqual([
      ['hash', 'uint32', [2, 2]],
      ['age', 'uint8', [2, YEARS]],
      ['male', 'uint8', [2]],
    ]);
    const { data } = tensors.get('hash')!;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    // printf 1.png | md5sum
    expect([view.getUint32(8, true), view.getUint32(12, true)]).toEqual([0x4a47a0db, 0x6e60853d]);
    const large = join(folder, 'large.safetensors');
    const count = 1000;
    await writeTeacher(
      large,
      Array.from({ length: count }, (_, i) => ({ ...TAUGHT[0]!, path: `${i}.jpg` })),
    );
    expect((await stat(large)).size).toBeLessThan(110 * count + 512);
  });

  it('is refused if two pictures have one name', async () => {
    const twice = [TAUGHT[0]!, { ...TAUGHT[1]!, path: 'other/0.png' }];
    await expect(writeTeacher(join(folder, 'twice'), twice)).rejects.toThrow(
      /twice: expected pictures with different names, found 'elsewhere\/0.png' and 'other\/0.png'$/,
    );
  });

  it.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ['no safetensors', async () => Uint8Array.of(1, 2), /: expected a teacher's file, found another: /],
    [
      'other tensors',
      async () => writeSafetensors([float32('weights', [1], [1])]),
      /: expected the tensors hash \[N, 2\], age \[N, 101\] and male \[N\] of a teacher, found weights$/,
    ],
  ])('is refused if it is %s', async (name, bytes, sentence) => {
    const other = join(folder, name.replace(' ', '-'));
    await writeFile(other, await bytes());
    await expect(opened(other)).rejects.toThrow(sentence);
  });

  it('is refused if it is missing, or of other pictures', async () => {
    await expect(opened(join(folder, 'none'))).rejects.toThrow(
      /none: expected a teacher's file, found ENOENT/,
    );
    const others = join(folder, 'others');
    await writeTeacher(others, [{ ...TAUGHT[0]!, path: 'unknown.png' }]);
    await expect(opened(others)).rejects.toThrow(/others: expected faces of .*store, found none of them$/);
  });

  it('is refused for classes that are not the years', async () => {
    const recipe = recipeOf({ classes: 'groups-8', teacher: { file } });
    await expect(Teacher.open(recipe, stores)).rejects.toThrow(
      "Recipe 'grey': heads.age.teacher: expected the classes '0-100', found others",
    );
  });
});

describe('the target', () => {
  it("of an exact age is the label's and the teacher's by shares", async () => {
    const teacher = await opened();
    const label = { age: 44, std: 2 };
    const own = targetOf(label);
    const found = teacher.ageTarget(0, label, own);
    const expected = own.map((w, k) => (1 - SHARE) * w + SHARE * TAUGHT[0]!.age[k]!);
    // Half a level of 255, of a largest probability of 0.13.
    expect(worst(found, expected)).toBeLessThan(0.13 / 255);
    expect(sum(found)).toBeCloseTo(1, 5);
  });

  it("of an interval is the teacher's inside it", async () => {
    const teacher = await opened();
    const label = { from: 10, to: 19 };
    const found = teacher.ageTarget(1, label, targetOf(label));
    const inside = gaussian(15, 2).map((p, k) => (k >= 10 && k <= 19 ? p : 0));
    const total = inside.reduce((a, b) => a + b);
    expect(
      worst(
        found,
        inside.map((p) => p / total),
      ),
    ).toBeLessThan(0.003);
    expect(sum(found)).toBeCloseTo(1, 5);
    expect([found[9], found[20]]).toEqual([0, 0]);
  });

  it('of an interval is only the interval if the teacher has next to nothing there', async () => {
    const label = { from: 60, to: 69 };
    const own = targetOf(label);
    expect((await opened()).ageTarget(1, label, own)).toEqual(own);
  });

  it('of a face that is not taught is its label', async () => {
    const teacher = await opened();
    const label = { age: 20 };
    const own = targetOf(label);
    expect(teacher.ageTarget(2, label, own)).toEqual(own);
    expect([teacher.male(2, 'female'), teacher.male(2, 'male')]).toEqual([0, 1]);
  });

  it('of gender is by shares too', async () => {
    const teacher = await opened();
    expect(teacher.male(0, 'male')).toBeCloseTo(1 - SHARE + SHARE * 0.9, 2);
    expect(teacher.male(1, 'female')).toBeCloseTo(SHARE * 0.2, 2);
  });

  it("reaches the network's inputs, and leaves faces without labels alone", async () => {
    const recipe = recipeOf({ teacher: { file, share: SHARE } });
    const assembled = assemble(recipe, randomWeights(0));
    const faces = {
      images: new Float32Array(2 * 3 * 32 * 32),
      ages: [{ age: 44 }, undefined],
      genders: ['male', undefined] as const,
      mix: undefined,
    };
    const teaching = { teacher: await opened(), rows: Uint32Array.of(0, 1) };
    const [feeds] = feedsOf(faces, assembled, 0, 1, teaching);
    const ages = floatData(feeds!.age_target!);
    const label = targetOf({ age: 44 });
    expect(ages.slice(0, YEARS)).toEqual(teaching.teacher.ageTarget(0, { age: 44 }, label));
    expect(sum(ages.slice(YEARS))).toBe(0);
    expect(floatData(feeds!.gender_target!)[0]).toBeCloseTo(1 - SHARE * 0.1, 2);
    expect(Array.from(floatData(feeds!.age_known!))).toEqual([1, 0]);
  });

  it('is what updates of a run learn', async () => {
    const all = join(folder, 'all');
    await writeTeacher(
      all,
      Array.from({ length: stores.length }, (_, row) => ({ ...TAUGHT[0]!, path: `${row}.png` })),
    );
    const firstLoss = async (share: number) => {
      const run = join(folder, `run-${share}`);
      await trainSmallRun(run, stores.folder, {
        heads: { age: { teacher: { file: all, share } }, gender: {} },
      });
      const [first] = (await readHistory(run)).filter((entry) => entry.kind === 'epoch');
      return first!.train.loss!;
    };
    expect(Math.abs((await firstLoss(0)) - (await firstLoss(1)))).toBeGreaterThan(0.01);
  });

  it('is had with the loaders of a run whose recipe names it', async () => {
    const recipe = recipeOf({ teacher: { file, share: SHARE } });
    const data = await openRunData(recipe);
    const loaders = await startLoaders(recipe, assemble(recipe, randomWeights(0)), data);
    expect(loaders.teacher!.male(0, 'female')).toBeCloseTo(SHARE * 0.9, 2);
    await loaders.close();
    await data.stores.close();
  });
});
