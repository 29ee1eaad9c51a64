import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../random/index.js';
import { type DetectedFace, PixelBudget } from '../../vision/index.js';
import { decodeImage } from '../../vision/node.js';
import { noise } from '../../vision/testing.js';
import { roomAround } from '../framing/index.js';
import { FileSink } from '../store/file-sink.js';
import { Store, type StoreRow } from '../store/index.js';
import type { DatasetReader, Reading, Sample } from '../types.js';
import { readCorrections } from './corrections.js';
import { type ImportOptions, importDataset } from './import-dataset.js';

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-import-'));
  out = join(folder, 'out');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A JPEG that no other seed's is like. */
async function jpeg(seed: number, width = 60, height = 40): Promise<Uint8Array> {
  const random = new Random(seed);
  const cells = Uint8Array.from({ length: 3 * 64 }, () => random.below(256));
  return sharp(cells, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .jpeg({ quality: 95 })
    .toBuffer();
}

const made = (path: string, bytes: Uint8Array, facts: Partial<Sample> = {}): Sample => ({
  path,
  image: { bytes: async () => bytes },
  age: { age: 30 },
  ...facts,
});

function readerOf(readings: Iterable<Reading> | AsyncIterable<Reading>): DatasetReader {
  return {
    id: 'made',
    title: 'Made up',
    homepage: 'https://example.org',
    citation: 'Nobody, 2020',
    terms: 'Anything',
    labels: 'exact age',
    options: {},
    async *read() {
      yield* readings;
    },
  };
}

async function imported(readings: Iterable<Reading>, options: Partial<ImportOptions> = {}) {
  await importDataset('source', out, { reader: readerOf(readings), ...options });
  const store = await Store.open(out);
  const rows: StoreRow[] = await collect(store.rows());
  const images = await Promise.all(rows.map(({ index }) => store.image(index)));
  const duplicates = await store.duplicates();
  await store.close();
  return { info: store.info, rows, images, duplicates };
}

const rejects = async () => (await readFile(join(out, 'rejects.csv'), 'utf8')).trimEnd().split('\n').slice(1);

describe('an import', () => {
  it('takes as many pictures as were requested, corrected, and reports groups that rules leave out', async () => {
    const table = join(folder, 'corrections.csv');
    await writeFile(table, 'file,exclude,age\n0.jpg,x,\n1.jpg,,44\nnone.jpg,x,\n');
    const readings: Reading[] = await Promise.all(
      Array.from({ length: 12 }, async (_, i) =>
        made(`${i}.jpg`, await jpeg(i), i > 9 ? { age: { from: 70, to: 100 } } : {}),
      ),
    );
    const months = { reason: 'age out of range', detail: 'found 480', labels: { race: 'Asian' } } as const;
    readings.push({ path: 'months.jpg', ...months });
    const notices: string[] = [];
    const all = { corrections: await readCorrections(table), rules: { maxAge: 60 } };
    const { rows, info } = await imported(readings, {
      ...all,
      onNotice: (sentence) => notices.push(sentence),
    });
    expect(rows).toHaveLength(9);
    expect(rows[0]).toMatchObject({ path: '1.jpg', age: { age: 44 } });
    expect(info.rejects).toEqual({ excluded: 1, 'age out of range': 3 });
    expect(info.options).toMatchObject({ corrections: { exclude: 2, relabel: 1 } });
    expect(notices).toEqual([
      expect.stringContaining("the first 'none.jpg'"),
      "Nothing is left of ages 70 to 100: all 2 pictures were left out for 'age out of range'",
      "Nothing is left of race 'Asian': its only picture was left out for 'age out of range'",
    ]);
    await rm(out, { recursive: true });
    const few = await imported(readings, { ...all, limit: 4 });
    expect(few.rows).toHaveLength(4);
    expect(few.info.options.limit).toBe(4);
  });

  it('holds at most 100 million pixels decoded, however many pictures it processes ahead', async () => {
    const plain = { width: 7000, height: 6000, channels: 3, background: '#607080' } as const;
    const bytes = await sharp({ create: plain }).png({ compressionLevel: 1 }).toBuffer();
    const readings = Array.from({ length: 5 }, (_, i) => made(`${i}.png`, bytes));
    // A picture that ends early gives back what it took.
    readings.splice(1, 0, made('cut.png', bytes.subarray(0, bytes.length / 2)));
    const take = PixelBudget.prototype.take;
    let [held, most, admitted] = [0, 0, 0];
    vi.spyOn(PixelBudget.prototype, 'take').mockImplementation(async function (this: PixelBudget, pixels) {
      const release = await take.call(this, pixels);
      held += pixels;
      most = Math.max(most, held);
      admitted++;
      return () => {
        held -= pixels;
        release();
      };
    });
    const { rows } = await imported(readings, { duplicates: false });
    expect(rows).toHaveLength(5);
    expect(admitted).toBe(6);
    expect(most).toBe(84e6);
    expect(held).toBe(0);
  });

  it('corrects one of several faces of a picture by the number that the page of an inspection gives it', async () => {
    const bytes = await jpeg(1);
    const readings = [5, 20, 35].map((x) =>
      made('group.jpg', bytes, { faceBox: { x, y: 5, width: 12, height: 12 }, age: { age: x } }),
    );
    const { rows, info } = await imported(readings);
    expect(rows.map(({ face }) => face)).toEqual([1, 2, 3]);
    await rm(out, { recursive: true });
    const table = join(folder, 'corrections.csv');
    await writeFile(
      table,
      'file,face,exclude,age,gender,row,labelled\ngroup.jpg,2,,44,,1,20\ngroup.jpg,3,x,,,,\n',
    );
    const again = await imported(readings, { corrections: await readCorrections(table) });
    expect(again.rows.map(({ face, age }) => [face, age])).toEqual([
      [1, { age: 5 }],
      [2, { age: 44 }],
    ]);
    expect(again.info.rejects).toEqual({ excluded: 1 });
    expect(info.fingerprint).not.toBe(again.info.fingerprint);
  });

  it('stores pictures as they are, with their labels', async () => {
    const bytes = [await jpeg(1), await jpeg(2)];
    const box = { x: 1, y: 2, width: 30, height: 20 };
    const { rows, images, info } = await imported([
      made('a.jpg', bytes[0]!, { gender: 'female', faceBox: box, faceScore: 3 }),
      made('b.jpg', bytes[1]!, { age: { from: 20, to: 29 }, split: 'test' }),
    ]);
    expect(rows).toEqual([
      { index: 0, path: 'a.jpg', source: 'made', age: { age: 30 }, gender: 'female', faceBox: box, face: 1 },
      { index: 1, path: 'b.jpg', source: 'made', age: { from: 20, to: 29 }, split: 'test' },
    ]);
    expect(images.map((image) => Buffer.from(image))).toEqual(bytes);
    expect(info.options.pictures).toEqual({ size: null, quality: null, crop: null });
  });

  it.each([
    ['as they are', {}],
    ['made smaller', { size: 30 }],
    ['cut out', { crop: { by: 'label', margin: 0.4, alignment: 'none' } }],
  ] as const)('rejects rows whose box shows no face in the picture, pictures %s', async (_, pictures) => {
    const boxes = [
      { x: 5000, y: 5000, width: 100, height: 100 },
      { x: 0, y: 0, width: 30_000, height: 30_000 },
      { x: 0, y: 0, width: 1e10, height: 1e10 },
      { x: 1e300, y: -1e300, width: 1e300, height: 1e300 },
      { x: -50, y: 0, width: 50, height: 30 },
    ];
    const good = { x: -10, y: -5, width: 50, height: 50 };
    const { rows } = await imported(
      [
        ...(await Promise.all(boxes.map(async (faceBox, i) => made(`${i}.jpg`, await jpeg(i), { faceBox })))),
        made('good.jpg', await jpeg(9), { faceBox: good }),
      ],
      { pictures },
    );
    expect(rows.map(({ path }) => path)).toEqual(['good.jpg']);
    expect((await rejects()).filter((line) => line.includes('bad box'))).toHaveLength(boxes.length);
  });

  it('makes pictures smaller, their boxes too, and none larger', async () => {
    const { rows, images } = await imported(
      [
        made('wide.jpg', await jpeg(1, 60, 40), { faceBox: { x: 6, y: 8, width: 20, height: 30 } }),
        made('small.jpg', await jpeg(2, 24, 20)),
      ],
      { pictures: { size: 30 } },
    );
    const sizes = await Promise.all(images.map((image) => sharp(image).metadata()));
    expect(sizes.map(({ width, height, format }) => [width, height, format])).toEqual([
      [30, 20, 'jpeg'],
      [24, 20, 'jpeg'],
    ]);
    expect(rows[0]!.faceBox).toEqual({ x: 3, y: 4, width: 10, height: 15 });
  });

  it('turns a picture upright as its camera says', async () => {
    // Its left half is white: held upright, 90° clockwise, that is the upper one.
    const lying = await sharp({ create: { width: 64, height: 32, channels: 3, background: '#000' } })
      .composite([
        { input: { create: { width: 32, height: 32, channels: 3, background: '#fff' } }, left: 0, top: 0 },
      ])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { images } = await imported([made('a.jpg', lying)], { pictures: { size: 32 } });
    const { width, height, data } = await decodeImage(images[0]!);
    expect([width, height]).toEqual([16, 32]);
    expect(data[3 * (4 * 16 + 8)]).toBeGreaterThan(240);
    expect(data[3 * (28 * 16 + 8)]).toBeLessThan(15);
  });

  it('cuts the labelled face out, its margin kept', async () => {
    // White, but for the face.
    const SIZE = { width: 100, height: 80 };
    const picture = await sharp({ create: { ...SIZE, channels: 3, background: '#fff' } })
      .composite([
        { input: { create: { width: 20, height: 20, channels: 3, background: '#000' } }, left: 50, top: 30 },
      ])
      .png()
      .toBuffer();
    const { info, rows, images } = await imported(
      [made('a.png', picture, { faceBox: { x: 50, y: 30, width: 20, height: 20 } }), made('b.png', picture)],
      { pictures: { size: 32, crop: { by: 'label', margin: 0.5, alignment: 'none' } } },
    );
    expect(info.room!.median).toBeCloseTo(roomAround({ x: 50, y: 30, width: 20, height: 20 }, SIZE), 3);
    expect(rows.map(({ faceBox }) => faceBox)).toEqual([{ x: 8, y: 8, width: 16, height: 16 }]);
    const crop = await decodeImage(images[0]!);
    const at = (x: number, y: number) => crop.data[3 * (32 * y + x)]!;
    expect([at(16, 16), at(10, 22)].every((value) => value < 40)).toBe(true);
    expect([at(3, 16), at(16, 28), at(29, 29)].every((value) => value > 215)).toBe(true);
    expect(await rejects()).toEqual(['b.png,no face,"expected the data set\'s box of the face, found none"']);
  });

  it('cuts out the face that a detector finds: the labelled one, or the largest', async () => {
    const face = (x: number, size: number): DetectedFace => ({
      box: { x, y: 10, width: size, height: size },
      score: 0.9,
      landmarks: {
        rightEye: { x: x + 2, y: 14 },
        leftEye: { x: x + 6, y: 14 },
        nose: { x: x + 4, y: 16 },
        mouth: { x: x + 4, y: 18 },
      },
    });
    const detector = { detect: async () => [face(4, 8), face(40, 16)] };
    const crop = { by: 'detector', margin: 0.25, alignment: 'roll' } as const;
    const { rows } = await imported(
      [
        made('a.jpg', await jpeg(1)),
        made('b.jpg', await jpeg(2), { faceBox: { x: 5, y: 10, width: 8, height: 8 } }),
      ],
      { detector, pictures: { crop } },
    );
    // Not larger than they are: 1.5 times the box.
    expect(rows.map(({ faceBox }) => faceBox)).toEqual([
      { x: 4, y: 4, width: 16, height: 16 },
      { x: 2, y: 2, width: 8, height: 8 },
    ]);
    await expect(
      imported([made('a.jpg', await jpeg(1))], {
        detector,
        overwrite: true,
        pictures: { crop },
        rules: { singleFace: true },
      }),
    ).rejects.toThrow('second face: 1');
  });

  it('measures how much room boxes of the set have in whole pictures', async () => {
    const faceBox = { x: 5, y: 5, width: 30, height: 30 };
    const { info } = await imported([made('a.jpg', await jpeg(1), { faceBox })], {
      detector: { detect: async () => [] },
    });
    expect(info.boxes).toEqual({ looked: 1, found: 0 });
    expect(info.room!.median).toBeCloseTo(roomAround(faceBox, { width: 60, height: 40 }), 3);
  });

  it('has the same bytes, however many pictures are processed at once', async () => {
    const samples = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const bytes = await jpeg(i % 30, 40 + ((i * 13) % 50), 60);
        const image = {
          // Some come later than those behind them.
          bytes: async () => {
            for (let k = 0; k < (i * 7) % 9; k++) await new Promise((done) => setImmediate(done));
            return bytes;
          },
        };
        return { ...made(`${i}.jpg`, bytes), image };
      }),
    );
    const digests: string[] = [];
    for (const ahead of [1, 3, 16]) {
      await imported(samples, { ahead, overwrite: true, pictures: { size: 32 } });
      const hash = createHash('sha256');
      for (const file of ['dataset.json', 'rejects.csv', 'duplicates.json', 'data/part-00000.parquet']) {
        hash.update(await readFile(join(out, file)));
      }
      digests.push(hash.digest('hex'));
    }
    expect(new Set(digests).size).toBe(1);
  });

  it('groups near-duplicates by the numbers of their rows', async () => {
    const [a, b] = [await jpeg(1, 80, 80), await jpeg(2, 80, 80)];
    const smaller = await sharp(a).resize(50, 50).jpeg({ quality: 60 }).toBuffer();
    const readings: Reading[] = [
      made('b.jpg', b),
      { path: 'x.jpg', reason: 'bad name', detail: 'nothing' },
      made('a.jpg', a),
      made('copy.jpg', smaller),
    ];
    expect((await imported(readings)).duplicates).toEqual([[1, 2]]);
    expect((await imported(readings, { overwrite: true, pictures: { size: 48 } })).duplicates).toEqual([
      [1, 2],
    ]);
    await imported(readings, { overwrite: true, duplicates: false });
    expect(JSON.parse(await readFile(join(out, 'duplicates.json'), 'utf8'))).toEqual({
      threshold: null,
      groups: [],
    });
  });
});

describe('what is not stored', () => {
  it.each([
    ['as they are', {}],
    ['encoded again', { size: 32 }],
  ] as const)('of pictures %s is counted by reason and listed', async (_, pictures) => {
    const good = await jpeg(1);
    const { info, rows } = await imported(
      [
        made('good.jpg', good),
        made('good.jpg', good),
        made('text.jpg', Buffer.from('not a picture at all')),
        made('cut.jpg', good.subarray(0, good.length - 400)),
        { ...made('gone.jpg', good), image: { file: join(folder, 'gone.jpg') } },
        made('old.jpg', good, { age: { age: 120 } }),
        made('tiny.jpg', await jpeg(5, 19, 60)),
        { path: 'odd name', reason: 'bad name', detail: 'expected four fields, found 1' },
      ],
      { pictures, rules: { maxAge: 100, minSize: 20 } },
    );
    expect(rows.map(({ path }) => path)).toEqual(['good.jpg']);
    expect(info.rejects).toEqual({
      'duplicate row': 1,
      unreadable: 2,
      'missing image': 1,
      'age out of range': 1,
      'too small': 1,
      'bad name': 1,
    });
    expect(await rejects()).toEqual([
      'good.jpg,duplicate row,"the picture is named by an earlier row, which is used"',
      'text.jpg,unreadable,"expected an image (JPEG, PNG, WebP, AVIF, TIFF or GIF), found text"',
      'cut.jpg,unreadable,"expected a complete JPEG image, found a JPEG file that is truncated or damaged"',
      'gone.jpg,missing image,"expected an image (JPEG, PNG, WebP, AVIF, TIFF or GIF), found no such file"',
      'old.jpg,age out of range,"expected an age of at most 100, found 120"',
      'tiny.jpg,too small,"expected a picture of at least 20 pixels, found 19 × 60"',
      'odd name,bad name,"expected four fields, found 1"',
    ]);
  });

  it('is a picture that could not be decoded later, if pictures are kept unchanged', async () => {
    const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"/>');
    await imported([made('good.jpg', await jpeg(1)), made('drawing.jpg', drawing)]);
    expect(await rejects()).toEqual([
      'drawing.jpg,unreadable,"expected an image (JPEG, PNG, WebP, AVIF, TIFF or GIF), found an SVG drawing"',
    ]);
  });

  it('is a large JPEG with bytes in another order, whatever is made of it', async () => {
    const { data, info } = await sharp(noise(400, 300, 3).data, {
      raw: { width: 400, height: 300, channels: 3 },
    })
      .jpeg({ quality: 90 })
      .toBuffer({ resolveWithObject: true });
    const swapped = Buffer.from(data);
    const half = info.size >> 1;
    data.copy(swapped, half, half + 512, half + 1024);
    data.copy(swapped, half + 512, half, half + 512);
    expect((await decodeImage(swapped)).width).toBe(400);
    const face: DetectedFace = {
      box: { x: 100, y: 100, width: 90, height: 90 },
      score: 0.9,
      landmarks: {
        rightEye: { x: 120, y: 130 },
        leftEye: { x: 160, y: 130 },
        nose: { x: 140, y: 150 },
        mouth: { x: 140, y: 170 },
      },
    };
    for (const options of [
      {},
      { pictures: { size: 100, quality: 90 } },
      {
        pictures: { size: 100, quality: 90, crop: { by: 'detector', margin: 0.4, alignment: 'none' } },
        detector: { detect: async () => [face] },
      },
    ] as const) {
      const { rows } = await imported([made('good.jpg', data), made('swapped.jpg', swapped)], {
        ...options,
        overwrite: true,
      });
      expect(rows.map(({ path }) => path)).toEqual(['good.jpg']);
    }
  });

  it('may be everything: then there is no store', async () => {
    const readings = [made('a.jpg', Buffer.from('text')), made('b.jpg', await jpeg(1), { age: { age: 3 } })];
    await expect(imported(readings, { rules: { minAge: 10 } })).rejects.toThrow(
      'source: expected pictures that can be used, found none (unreadable: 1, age out of range: 1)',
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('an import that ends early leaves nothing', () => {
  /** Enough for two row groups. */
  async function* many(onEach: (i: number) => void = () => {}): AsyncGenerator<Reading> {
    const bytes = await jpeg(1);
    for (let i = 0; i < 400; i++) {
      onEach(i);
      yield made(`${i}.jpg`, bytes);
    }
  }

  it('when it is interrupted', async () => {
    const stop = new AbortController();
    const reader = readerOf(many((i) => i === 300 && stop.abort()));
    await expect(importDataset('source', out, { reader, signal: stop.signal })).rejects.toThrow('aborted');
    expect(await readdir(folder)).toEqual([]);
  });

  it('when the source breaks', async () => {
    const reader = readerOf(
      many((i) => {
        if (i === 300) throw new Error('the archive ends here');
      }),
    );
    await expect(importDataset('source', out, { reader })).rejects.toThrow('the archive ends here');
    expect(await readdir(folder)).toEqual([]);
  });

  it('when the disk is full', async () => {
    vi.spyOn(FileSink.prototype, 'flush').mockImplementation(async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    await expect(importDataset('source', out, { reader: readerOf(many()) })).rejects.toThrow(
      `${out}: expected room for a store, but the disk is full; nothing was left there`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('and keeps the store that was to be replaced', async () => {
    await imported([made('a.jpg', await jpeg(1))]);
    const stop = new AbortController();
    const reader = readerOf(many((i) => i === 300 && stop.abort()));
    const options = { reader, signal: stop.signal, overwrite: true };
    await expect(importDataset('source', out, options)).rejects.toThrow('aborted');
    const store = await Store.open(out);
    expect(store.length).toBe(1);
    await store.close();
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('and begins only if nothing is in the way', async () => {
    await writeFile(out, 'text');
    const reader = readerOf(many());
    await expect(importDataset('source', out, { reader })).rejects.toThrow(
      'expected a new name, found an existing',
    );
    await expect(importDataset('source', join(out, 'below'), { reader })).rejects.toThrow(
      'it cannot be written: a part of its path is not a folder',
    );
    expect(existsSync(out)).toBe(true);
  });
});
