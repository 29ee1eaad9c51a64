import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bandOf } from '../../age/index.js';
import { testInput } from '../../metadata/testing.js';
import { inputSize, preprocess } from '../../vision/index.js';
import { decodeImage } from '../../vision/node.js';
import { noise } from '../../vision/testing.js';
import { Store, type StoreRow, StoreWriter } from '../store/index.js';
import { type Batch, Loader } from './loader.js';
import type { BadPicture, LoaderOptions } from './options.js';

const ROWS = 23;
const BAD_ROW = 5;
const INPUT = testInput({
  ...{ width: 20, height: 24, color: 'BGR', margin: 0.2 },
  ...{ mean: [100, 110, 120], scale: [0.01, 0.02, 0.03] },
});
const AUGMENT = {
  jpeg: { probability: 0.3 },
  blur: { probability: 0.3 },
  lowResolution: { probability: 0.3 },
};

let folder: string;
let store: Store;
/** The same with a picture that is none. */
let spoilt: Store;
let opened: Loader[] = [];

async function writeStore(name: string, isBad: (row: number) => boolean): Promise<Store> {
  const path = join(folder, name);
  const writer = await StoreWriter.create(path, {
    origin: { id: 'made', title: '', homepage: '', citation: '', terms: '', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (let row = 0; row < ROWS; row++) {
    const { width, height, data } = noise(40, 36, row + 1);
    const image = isBad(row)
      ? Buffer.from('no picture')
      : await sharp(data, { raw: { width, height, channels: 3 } })
          .jpeg()
          .toBuffer();
    await writer.append({
      path: `${row}.jpg`,
      image,
      age: { age: row < 18 ? 30 : 70 },
      gender: row % 2 === 0 ? 'female' : 'male',
      ...(row % 3 === 0 && { faceBox: { x: 4.5, y: 3, width: 20, height: 25.25 } }),
    });
  }
  await writer.finish({ threshold: 0, groups: [] });
  return Store.open(path);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-loader-'));
  store = await writeStore('good', () => false);
  spoilt = await writeStore('spoilt', (row) => row === BAD_ROW);
});
afterEach(async () => {
  await Promise.all(opened.map((loader) => loader.close()));
  opened = [];
});
afterAll(async () => {
  await store.close();
  await spoilt.close();
  await rm(folder, { recursive: true });
});

async function open(options: Partial<LoaderOptions>, from: Store = store): Promise<Loader> {
  const loader = await Loader.create(from, { input: INPUT, batch: 4, workers: 0, seed: 3, ...options });
  opened.push(loader);
  return loader;
}

/** A copy of what a loader makes in some epochs. */
async function load(
  options: Partial<LoaderOptions>,
  { from = store, ...where }: { from?: Store; epoch?: number; step?: number; epochs?: number } = {},
): Promise<Batch[]> {
  const loader = await open(options, from);
  const batches: Batch[] = [];
  for await (const batch of loader.batches({ epochs: 2, ...where })) {
    batches.push({ ...batch, images: batch.images.slice() });
  }
  return batches;
}

const rowsOf = (batches: readonly Batch[]) => batches.flatMap(({ rows }) => [...rows]);

describe('without augmentation', () => {
  it('gives what preprocessing gives, to the last bit, with the labels of its row', async () => {
    const batches = await load({ sampling: 'stored' }, { epochs: 1 });
    expect(rowsOf(batches)).toEqual(Array.from({ length: ROWS }, (_, row) => row));
    const labels: StoreRow[] = [];
    for await (const row of store.rows()) labels.push(row);
    for (const { rows, images, ages, genders } of batches) {
      expect(images.length).toBe(rows.length * inputSize(INPUT));
      const expected = new Float32Array(images.length);
      for (const [i, row] of rows.entries()) {
        const { faceBox, age, gender } = labels[row]!;
        const image = await decodeImage(await store.image(row));
        preprocess(image, faceBox ? { box: faceBox } : null, INPUT, expected, i * inputSize(INPUT));
        expect([ages[i], genders[i]]).toEqual([age, gender]);
      }
      expect(images).toEqual(expected);
    }
  });
});

describe('with augmentation', () => {
  it('makes the same batches however many threads make them', async () => {
    const none = await load({ augment: AUGMENT });
    const one = await load({ augment: AUGMENT, workers: 1, prefetch: 1 });
    const three = await load({ augment: AUGMENT, workers: 3, prefetch: 7 });
    expect(none.length).toBe(2 * Math.floor(ROWS / 4));
    expect(one).toEqual(none);
    expect(three).toEqual(none);
  });

  it('continues at any step as if it had not stopped', async () => {
    const options = { augment: { ...AUGMENT, mixup: { alpha: 0.4 } } };
    const whole = await load(options, { epochs: 3 });
    const rest = await load(options, { epoch: 1, step: 3, epochs: 3 });
    expect(rest).toEqual(whole.slice(5 + 3));
  });

  it('makes a row look the same in any batch, and different in another epoch', async () => {
    const look = async (batch: number, epoch: number) => {
      const batches = await load({ augment: AUGMENT, batch }, { epoch, epochs: epoch + 1 });
      const found = batches.find(({ rows }) => rows.includes(7))!;
      const at = found.rows.indexOf(7) * inputSize(INPUT);
      return found.images.slice(at, at + inputSize(INPUT));
    };
    // Of sizes that leave no row out.
    expect(await look(23, 0)).toEqual(await look(1, 0));
    expect(await look(23, 1)).not.toEqual(await look(23, 0));
  });

  it('blends pairs and says which', async () => {
    const [plain] = await load({ augment: {} }, { epochs: 1 });
    const [mixed] = await load({ augment: { mixup: { alpha: 1 } } }, { epochs: 1 });
    const size = inputSize(INPUT);
    const { partner, lambda } = mixed!.mix!;
    expect(plain!.mix).toBeUndefined();
    for (let i = 0; i < 4; i++) {
      const j = partner[i]!;
      expect([partner[j], lambda[j]]).toEqual([i, lambda[i]]);
      expect(j).not.toBe(i);
      for (let k = 0; k < size; k += 97) {
        const blend =
          lambda[i]! * plain!.images[i * size + k]! + (1 - lambda[i]!) * plain!.images[j * size + k]!;
        expect(mixed!.images[i * size + k]).toBeCloseTo(blend, 4);
      }
    }
  });
});

describe('sampling', () => {
  it('goes through all rows once an epoch, each time in another order', async () => {
    const rows = rowsOf(await load({ batch: ROWS }));
    const [first, second] = [rows.slice(0, ROWS), rows.slice(ROWS)];
    const all = Array.from({ length: ROWS }, (_, row) => row);
    expect([first.toSorted((a, b) => a - b), second.toSorted((a, b) => a - b)]).toEqual([all, all]);
    expect(first).not.toEqual(all);
    expect(second).not.toEqual(first);
  });

  it('is another one for another seed', async () => {
    const [a, b] = [await load({ seed: 3 }), await load({ seed: 4 })];
    expect(rowsOf(a)).not.toEqual(rowsOf(b));
  });

  it('loads only the rows of a part', async () => {
    const batches = await load({ rows: Uint32Array.of(2, 9, 4, 21), batch: 2 }, { epochs: 1 });
    expect(rowsOf(batches).toSorted((a, b) => a - b)).toEqual([2, 4, 9, 21]);
  });

  it('keeps the last batch for evaluation and leaves it out of training', async () => {
    const sizes = async (options: Partial<LoaderOptions>) =>
      (await load(options, { epochs: 1 })).map(({ rows }) => rows.length);
    expect(await sizes({ sampling: 'stored', batch: 10 })).toEqual([10, 10, 3]);
    expect(await sizes({ batch: 10 })).toEqual([10, 10]);
    expect(await sizes({ batch: 10, dropLast: false })).toEqual([10, 10, 3]);
  });

  it('sees every age band equally often when balanced', async () => {
    const batches = await load({ sampling: 'balanced', batch: ROWS }, { epochs: 4 });
    const bands = batches.flatMap(({ ages }) => ages.map((age) => bandOf(age!)));
    const old = bands.filter((band) => band === bandOf({ age: 70 })).length;
    expect(Math.abs(old - bands.length / 2)).toBeLessThanOrEqual(4);
  });

  it('makes a row that comes twice look different', async () => {
    const weights = new Float64Array(ROWS);
    weights[8] = 1;
    const [batch] = await load({ sampling: { weights }, augment: AUGMENT }, { epochs: 1 });
    const size = inputSize(INPUT);
    expect([...batch!.rows]).toEqual([8, 8, 8, 8]);
    expect(batch!.images.slice(0, size)).not.toEqual(batch!.images.slice(size, 2 * size));
  });
});

describe('a bad picture', () => {
  it('costs a warning, once, and is replaced by another row with its own labels', async () => {
    const told: BadPicture[] = [];
    const batches = await load(
      { sampling: 'stored', onBadPicture: (problem) => told.push(problem) },
      { from: spoilt },
    );
    expect(told.length).toBe(1);
    const { row, replacement, message } = told[0]!;
    expect(row).toBe(BAD_ROW);
    expect(message).toMatch(/spoilt, row 5: expected an image .*, found /);
    const batch = batches[1]!;
    expect(batch.rows[1]).toBe(replacement);
    expect(batch.rows[1]).not.toBe(BAD_ROW);
    expect(batch.ages[1]).toEqual({ age: replacement < 18 ? 30 : 70 });
    expect(batch.genders[1]).toBe(replacement % 2 === 0 ? 'female' : 'male');
  });

  it('is replaced by the same row again, and by another in another epoch', async () => {
    const options = { augment: AUGMENT, onBadPicture: () => {}, batch: ROWS };
    const [once, twice] = [await load(options, { from: spoilt }), await load(options, { from: spoilt })];
    expect(twice).toEqual(once);
  });

  it('ends the run if there are no others', async () => {
    const loader = await open({ rows: Uint32Array.of(BAD_ROW, BAD_ROW), batch: 2 }, spoilt);
    await expect(loader.batches().next()).rejects.toThrow(
      /row 5: expected an image.*; none of 16 others could replace it/,
    );
  });
});

describe('a run', () => {
  it.each([0, 1])(
    'takes back the memory of a batch when the next is requested: %i threads',
    async (workers) => {
      const loader = await open({ workers });
      const batches = loader.batches();
      const { value: first } = await batches.next();
      await batches.next();
      expect(first!.images.length).toBe(0);
      await batches.return();
    },
  );

  it('ends with the signal’s reason', async () => {
    const loader = await open({});
    const stop = new AbortController();
    const batches = loader.batches({ signal: stop.signal });
    await batches.next();
    const next = batches.next();
    stop.abort(new Error('enough'));
    // The batch may have been there already.
    await expect(next.then(() => batches.next())).rejects.toThrow('enough');
    expect((await loader.batches().next()).value!.step).toBe(0);
  });

  it.each([0, 1])('fails once it is closed: %i threads', async (workers) => {
    const loader = await open({ workers });
    const next = loader.batches().next();
    await next;
    await loader.close();
    await expect(loader.batches().next()).rejects.toThrow('closed');
  });

  it('passes on what goes wrong in a thread', async () => {
    const loader = await open({ rows: Uint32Array.of(BAD_ROW), batch: 1, workers: 1 }, spoilt);
    await expect(loader.batches().next()).rejects.toThrow('row 5: expected an image');
  });
});

describe('refuses', () => {
  it.each([
    [{ batch: 0 }, "'batch'"],
    [{ workers: 1000 }, "'workers'"],
    [{ batch: 24 }, 'expected rows for a batch of 24, found 23'],
    [{ rows: Uint32Array.of(23) }, 'expected rows 0 to 22, found 23'],
    [{ rows: new Uint32Array() }, 'found none'],
    [{ augment: { flip: { probability: 2 } } }, "'augment.flip.probability'"],
    [{ augment: { flop: {} } } as object, 'flop'],
    [{ sampling: { weights: new Float64Array(3) } }, 'expected 23, found 3'],
    [{ sampling: { weights: new Float64Array(23) } }, 'found zeros'],
  ] satisfies [Partial<LoaderOptions>, string][])('%j', async (options, problem) => {
    await expect(open(options)).rejects.toThrow(problem);
  });

  it.each([{ step: -1 }, { epoch: 0.5 }, { step: Number.NaN }])('to begin at %j', async (start) => {
    const [name, value] = Object.entries(start)[0]!;
    await expect(load({}, start)).rejects.toThrow(
      new RangeError(`${name}: expected a whole number from 0, found ${value}`),
    );
  });

  it('a store that its threads cannot open', async () => {
    const gone = {
      folder: join(folder, 'gone'),
      length: store.length,
      rows: () => store.rows(),
      image: (row: number) => store.image(row),
    };
    await expect(open({ workers: 2 }, gone as unknown as Store)).rejects.toThrow('gone');
  });
});

it("takes the detector's box if its place in the set's box is given", async () => {
  const known = { scale: [0.9, 1.2], offset: [0.05, -0.1] } as const;
  const rows = Uint32Array.of(0, 3);
  const options = { input: INPUT, batch: 2, rows, sampling: 'stored', workers: 0 } as const;
  const loader = await Loader.create(store, { ...options, boxes: [known] });
  opened.push(loader);
  const { value: batch } = await loader.batches({ epochs: 1 }).next();
  const expected = new Float32Array(2 * inputSize(INPUT));
  // 20 × 25.25 pixels from 4.5, 3 on.
  const box = { x: 14.5 + 1 - 9, y: 15.625 - 2.525 - 15.15, width: 18, height: 30.3 };
  for (const [i, row] of rows.entries()) {
    const image = await decodeImage(await store.image(row));
    preprocess(image, { box }, INPUT, expected, i * inputSize(INPUT));
  }
  for (let i = 0; i < expected.length; i++) expect(batch!.images[i]).toBeCloseTo(expected[i]!, 3);
});
