import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readCorrections } from '../import/index.js';
import { ageIrregularities } from './ages.js';
import { inspectStore } from './inspect.js';
import { inspectionPage } from './page.js';
import { sampleBands } from './samples.js';
import { fakeStore } from './testing.js';
import { thumbnails } from './thumbnails.js';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#775' } })
    .jpeg()
    .toBuffer();

describe('irregular years', () => {
  const smooth = Array.from({ length: 81 }, (_, year) => Math.round(400 - 4 * year));

  it('are none of a smooth histogram', () => {
    expect(ageIrregularities(smooth)).toMatchObject({ heaps: [], gaps: [], missing: [] });
  });

  it('are heaps, gaps and years that are missing', () => {
    const counts = smooth.with(30, 900).with(47, 60).with(60, 0).with(61, 0);
    const { heaps, gaps, missing } = ageIrregularities(counts);
    expect(heaps).toEqual([{ year: 30, count: 900, expected: 280 }]);
    expect(gaps.map(({ year }) => year)).toEqual([47, 60, 61]);
    expect(missing).toEqual([[60, 61]]);
  });

  it('are not made of chance if there are few pictures', () => {
    expect(ageIrregularities([0, 2, 5, 1, 4, 2, 6, 1])).toMatchObject({ heaps: [], gaps: [], missing: [] });
  });

  it('are measured by the index of Whipple', () => {
    const even = new Array<number>(80).fill(10);
    expect(ageIrregularities(even).whipple).toBe(100);
    const round = even.map((_, year) => (year % 5 === 0 ? 50 : 0));
    expect(ageIrregularities(round).whipple).toBe(500);
    expect(ageIrregularities([1, 2, 3]).whipple).toBeNull();
  });

  it('of nothing are none', () => {
    expect(ageIrregularities([0, 0])).toEqual({ heaps: [], gaps: [], missing: [], whipple: null });
    expect(ageIrregularities([0, 900])).toMatchObject({ heaps: [], gaps: [] });
  });
});

describe('the page', () => {
  it('offers the suspicious pictures as a table of corrections, which changes nothing as it is', async () => {
    const store = fakeStore(
      [{ age: { age: 3 } }, { age: { age: 60 }, path: '=x.jpg', face: 2 }, { age: { age: 110 } }],
      {
        duplicates: [[0, 1]],
      },
    );
    const page = inspectionPage(await inspectStore(store), new Map());
    const [, data] = /<a download="corrections.csv" href="data:text\/csv;base64,([^"]+)"/.exec(page)!;
    const text = Buffer.from(data!, 'base64').toString();
    expect(text.trimEnd().split('\n')).toEqual([
      'file,face,exclude,age,gender,row,labelled',
      '0.jpg,,,,,0,3',
      "'=x.jpg,2,,,,1,60",
      '2.jpg,,,,,2,110',
    ]);
    const folder = await mkdtemp(join(tmpdir(), 'agewise-corrections-'));
    const file = join(folder, 'corrections.csv');
    await writeFile(file, text);
    expect((await readCorrections(file)).counts).toEqual({ exclude: 0, relabel: 0 });
    await writeFile(file, text.replace('0.jpg,,,', '0.jpg,,x,').replace('2.jpg,,,,', '2.jpg,,,101,'));
    expect((await readCorrections(file)).counts).toEqual({ exclude: 1, relabel: 1 });
    await rm(folder, { recursive: true });
  });
});

describe('samples of bands', () => {
  const band = Uint8Array.from({ length: 2000 }, (_, row) => (row % 50 === 7 ? 255 : row % 3));

  it('depend only on the seed, and hold rows of their band', () => {
    const sample = sampleBands(band, 20, 5, 10);
    expect(sampleBands(band, 20, 5, 10)).toEqual(sample);
    expect(sampleBands(band, 20, 6, 10)).not.toEqual(sample);
    sample.slice(0, 3).forEach((rows, index) => {
      expect(rows).toHaveLength(20);
      expect(new Set(rows).size).toBe(20);
      expect(rows.every((row) => band[row] === index)).toBe(true);
    });
    expect(sample.slice(3).flat()).toEqual([]);
  });

  it('take each row as often as others', () => {
    const drawn = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 1000; seed++) {
      for (const row of sampleBands(new Uint8Array(10), 3, seed, 10)[0]!) drawn[row]!++;
    }
    // 300 expected, standard deviation 14.5.
    for (const count of drawn) expect(Math.abs(count - 300)).toBeLessThan(65);
  });
});

describe('an inspection', () => {
  it('counts labels by kind, year, gender, band and race', async () => {
    const { kinds, ages, table, genders, sources, splits, identities } = await inspectStore(
      fakeStore([
        { age: { age: 3 }, gender: 'female', race: 'a', split: 'train', identity: 'x' },
        { age: { age: 20.4, std: 2 }, gender: 'male', race: 'b', split: 'train', identity: 'x' },
        { age: { from: 20, to: 29 }, gender: 'male', race: 'b', split: 'test', identity: 'y' },
        { age: { age: 3 }, race: 'a', source: 'other', identity: 'x' },
        { gender: 'female' },
      ]),
    );
    expect(kinds).toEqual({ exact: 2, spread: 1, interval: 1, none: 1 });
    expect(ages.years.female[3]).toBe(1);
    expect(ages.years.unknown[3]).toBe(1);
    expect(ages.years.male).toHaveLength(21);
    expect(ages.years.male[20]).toBe(1);
    expect(ages.intervals).toEqual([{ from: 20, to: 29, count: 1 }]);
    expect(table.races).toEqual(['a', 'b']);
    expect(table.bands[3]).toBe('18-25');
    expect(table.counts[0]).toEqual([
      [1, 0],
      [0, 0],
      [1, 0],
    ]);
    expect(table.counts[3]![1]).toEqual([0, 2]);
    expect(genders).toEqual([
      { name: 'female', count: 2 },
      { name: 'male', count: 2 },
      { name: 'unknown', count: 1 },
    ]);
    expect(sources).toEqual([
      { name: 'fake', count: 4 },
      { name: 'other', count: 1 },
    ]);
    expect(splits).toEqual([
      { name: 'train', count: 2 },
      { name: 'test', count: 1 },
    ]);
    // The same name in two sets is two people.
    expect(identities).toMatchObject({ persons: 3, rows: 4 });
  });

  it('has the intervals of a set that has no other ages, and shows pictures of each', async () => {
    const rows = [
      { age: { from: 60, to: 69 }, gender: 'female' as const, race: 'a' },
      { age: { from: 70, to: 100 }, gender: 'male' as const, race: 'a' },
      { age: { from: 0, to: 2 }, gender: 'male' as const, race: 'b' },
      { age: { from: 70, to: 100 }, gender: 'male' as const, race: 'a' },
      { gender: 'male' as const, race: 'a' },
    ];
    const inspection = await inspectStore(fakeStore(rows));
    const { table, samples } = inspection;
    expect(table).toMatchObject({ ownIntervals: true, bands: ['0-2', '60-69', '70+'], races: ['a', 'b'] });
    expect(table.counts.map((band) => band[1])).toEqual([
      [0, 1],
      [0, 0],
      [2, 0],
    ]);
    expect(samples.map(({ band, count }) => [band, count])).toEqual([
      ['0-2', 1],
      ['60-69', 1],
      ['70+', 2],
    ]);
    expect(inspectionPage(inspection, new Map())).not.toContain('counts at its middle');
    const mixed = await inspectStore(fakeStore([...rows, { age: { age: 30 } }]));
    expect(mixed.table).toMatchObject({ ownIntervals: false });
    expect(inspectionPage(mixed, new Map())).toContain('An interval counts at its middle');
  });

  it('counts races beyond the most frequent together', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({ age: { age: 30 }, race: `race ${i}` }));
    const { table } = await inspectStore(fakeStore(rows));
    expect(table.races).toHaveLength(12);
    expect(table.races.at(-1)).toBe('others');
    expect(table.counts[4]![2]!.at(-1)).toBe(9);
  });

  it('counts one group of near-duplicates as one', async () => {
    const rows = [{ age: { age: 20 } }, { age: { age: 40 } }];
    const page = inspectionPage(await inspectStore(fakeStore(rows, { duplicates: [[0, 1]] })), new Map());
    expect(page).toContain(
      'in 1 group of up to 2. A split keeps each group on one side. In 1 group the labels',
    );
  });

  it('finds near-duplicates that contradict each other', async () => {
    const age = (years: number) => ({ age: { age: years }, gender: 'male' as const });
    const rows = [
      age(20),
      age(25), // Within five years.
      age(20),
      age(26),
      age(70),
      age(20),
      age(71),
      age(40),
      { ...age(30), gender: 'female' as const },
      age(30),
      { age: { from: 20, to: 29 } },
      { age: { from: 30, to: 39 } }, // One year apart.
      { age: { from: 20, to: 29 } },
      { age: { from: 40, to: 49 } },
      { gender: 'male' as const },
      age(50),
    ];
    const duplicates = [
      [0, 1],
      [2, 3, 4, 5, 6, 7],
      [8, 9],
      [10, 11],
      [12, 13],
      [14, 15],
    ];
    const { suspicious, duplicates: counts } = await inspectStore(fakeStore(rows, { duplicates }));
    expect(counts).toEqual({ groups: 6, rows: 16, largest: 6 });
    const { count, worst } = suspicious.conflicts;
    expect(count).toBe(3);
    expect(worst.map(({ years, genders }) => [years, genders])).toEqual([
      [51, false],
      [11, false],
      [0, true],
    ]);
    // Each label once, the youngest and the oldest.
    expect(worst[0]!.rows.map(({ index }) => index)).toEqual([2, 3, 4, 6]);
  });

  it('lists ages above 100, the oldest first', async () => {
    const ages = [100, 101, 50, 116];
    const { suspicious } = await inspectStore(fakeStore(ages.map((age) => ({ age: { age } }))));
    expect(suspicious.extreme.count).toBe(2);
    expect(suspicious.extreme.oldest.map(({ index }) => index)).toEqual([3, 1]);
  });

  it('measures pictures, and names those that cannot be read', async () => {
    const images = [
      await picture(40, 30),
      await picture(40, 30),
      await picture(100, 80),
      Buffer.from('no picture'),
    ];
    const seen: number[] = [];
    const { pictures } = await inspectStore(fakeStore(images.map((image) => ({ image }))), {
      onPicture: (done) => seen.push(done),
    });
    expect(pictures.width).toMatchObject({ smallest: 40, median: 40, largest: 100 });
    expect(pictures.height).toMatchObject({ smallest: 30, largest: 80 });
    expect(pictures.totalBytes).toBe(images.reduce((sum, image) => sum + image.length, 0));
    expect(pictures.frequent).toEqual([
      { name: '40 × 30', count: 2 },
      { name: '100 × 80', count: 1 },
    ]);
    expect(pictures.formats).toEqual([{ name: 'jpeg', count: 3 }]);
    expect(pictures.unreadable).toEqual([3]);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('gives examples of what was rejected', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agewise-inspect-'));
    const lines = Array.from({ length: 30 }, (_, i) => `"a, ${i}.jpg",bad name,"a ""name"""`);
    await writeFile(
      join(folder, 'rejects.csv'),
      ['path,reason,detail', 'b.jpg,no age,none', ...lines].join('\n'),
    );
    const rejects = { 'no age': 1, 'bad name': 30 } as const;
    const found = (await inspectStore(fakeStore([], { folder, rejects }))).rejects;
    expect(found.map(({ reason, count, examples }) => [reason, count, examples.length])).toEqual([
      ['bad name', 30, 10],
      ['no age', 1, 1],
    ]);
    expect(found[0]!.examples[0]).toEqual({ path: 'a, 0.jpg', detail: 'a "name"' });
    await rm(folder, { recursive: true });
  });

  it('that is stopped ends', async () => {
    const stop = AbortSignal.abort();
    await expect(inspectStore(fakeStore([{}]), { signal: stop })).rejects.toThrow(/abort/i);
  });
});

describe('the page of an inspection', () => {
  const rowsWith = async (path: string) => {
    const image = await picture(300, 200);
    return [
      { path, image, age: { age: 20 }, gender: 'female' as const, race: path },
      { path, image, age: { age: 90 }, gender: 'male' as const, race: 'b', split: path },
      { path, image: Buffer.from('damaged'), age: { age: 103 }, identity: path },
    ];
  };

  it('shows the pictures it names, small and in itself', async () => {
    const store = fakeStore(await rowsWith('a.jpg'), { duplicates: [[0, 1]] });
    const inspection = await inspectStore(store);
    const small = await thumbnails(store, inspection);
    expect([...small.keys()].sort()).toEqual([0, 1]);
    const [, data] = small.get(0)!.split('data:image/webp;base64,');
    expect(await sharp(Buffer.from(data!, 'base64')).metadata()).toMatchObject({
      width: 128,
      height: 128,
    });
    const page = inspectionPage(inspection, small);
    // Both rows show the same, each among the contradictions and in its band's sample.
    expect(page.split(small.get(0)!).length - 1).toBe(4);
    expect(page).toContain('row 2, labelled 103');
    expect(page).toContain('ages by more than 5 years');
  });

  it('escapes the names of a set', async () => {
    const hostile = '"><script>alert(1)</script>';
    const store = fakeStore(await rowsWith(hostile), { duplicates: [[0, 1]] });
    const page = inspectionPage(await inspectStore(store), new Map());
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('<title>Fake &lt;set&gt;</title>');
  });

  it('of a store without labels shows what there is', async () => {
    const page = inspectionPage(await inspectStore(fakeStore([{}])), new Map());
    expect(page).toContain('1 have no age');
    expect(page).toContain('Nothing was rejected.');
  });
});
