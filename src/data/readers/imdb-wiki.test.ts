import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { imdb, wiki } from '../sets/imdb-wiki.js';
import type { DatasetReader, ReaderOptions, Reading } from '../types.js';

/** By scipy, see scripts/fixtures/mat.py. */
const fixture = (name: string) => new URL(`../../../test/fixtures/mat/${name}`, import.meta.url).pathname;

const PATHS = [
  '17/10000217_1981-05-05_2009.jpg',
  '48/10000548_1981-07-01_2009.jpg',
  '12/100012_1930-06-30_1964.jpg',
  '65/10001965_0000-02-17_2012.jpg',
];

const root = mkdtempSync(join(tmpdir(), 'agewise-imdb-wiki-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The set as it is unpacked into `folder`, with files in the pictures' places. */
function unpack(half: string, folder: string, paths: readonly string[] = PATHS): string {
  const place = join(root, folder);
  for (const path of paths) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), '');
  }
  copyFileSync(fixture(`${half}.mat`), join(place, `${half}.mat`));
  return place;
}

async function readAll(reader: DatasetReader, source: string, options?: ReaderOptions): Promise<Reading[]> {
  const readings: Reading[] = [];
  for await (const reading of reader.read(source, options)) readings.push(reading);
  return readings;
}

describe('wiki', () => {
  it('reads crops: ages at mid-year, gender, name, scores, no boxes', async () => {
    const source = unpack('wiki', 'a/wiki_crop');
    const expected = [
      {
        path: PATHS[0],
        image: { file: join(source, PATHS[0]!) },
        age: { age: 28 },
        gender: 'female',
        identity: 'Sami Jauhojärvi',
        faceScore: 4.3,
      },
      {
        path: PATHS[1],
        image: { file: join(source, PATHS[1]!) },
        age: { age: 27 },
        gender: 'male',
        identity: '章子怡',
        faceScore: Number.NEGATIVE_INFINITY,
      },
      {
        path: PATHS[2],
        image: { file: join(source, PATHS[2]!) },
        age: { age: 34 },
        identity: 'Marc Okrand',
        faceScore: 2.5,
        secondFaceScore: 1.25,
      },
      {
        path: PATHS[3],
        reason: 'age out of range',
        detail: 'expected an age of 0 to 122 years, found 2012',
        labels: { gender: 'male' },
      },
    ];
    expect(await readAll(wiki, source)).toEqual(expected);
    expect(await readAll(wiki, join(root, 'a'))).toEqual(expected);
    expect(await readAll(wiki, join(source, 'wiki.mat'))).toEqual(expected);
  });

  it('takes the difference of the years if requested', async () => {
    const source = unpack('wiki', 'b/wiki_crop');
    const readings = await readAll(wiki, source, { age: 'year' });
    expect(readings.map((reading) => 'age' in reading && reading.age)).toEqual([
      { age: 28 },
      { age: 28 },
      { age: 34 },
      false,
    ]);
  });

  it('returns boxes in whole pictures, counted from 0, if a face was found', async () => {
    const source = unpack('wiki', 'c/wiki');
    const boxes = (readings: Reading[]) =>
      readings.map((reading) => ('faceBox' in reading ? reading.faceBox : undefined));
    const expected = [
      { x: 110.5, y: 111, width: 141.5, height: 141.25 },
      undefined,
      { x: 9, y: 19, width: 21, height: 21 },
      undefined,
    ];
    expect(boxes(await readAll(wiki, source))).toEqual(expected);
    expect(boxes(await readAll(wiki, join(root, 'a/wiki_crop'), { pictures: 'whole' }))).toEqual(expected);
    expect(boxes(await readAll(wiki, source, { pictures: 'crops' }))).toEqual(Array(4).fill(undefined));
  });

  it('rejects a picture that is missing, and continues', async () => {
    const readings = await readAll(wiki, unpack('wiki', 'd/wiki_crop', PATHS.slice(1)));
    expect(readings.map((reading) => 'reason' in reading && reading.reason)).toEqual([
      'missing image',
      false,
      false,
      'age out of range',
    ]);
  });

  it('reports what it expects', async () => {
    const place = join(root, 'e');
    mkdirSync(place);
    await expect(readAll(wiki, place)).rejects.toThrow(
      `${place}: expected wiki.mat or wiki_crop/wiki.mat or wiki/wiki.mat in it, found none`,
    );
    const other = fixture('imdb.mat');
    await expect(readAll(wiki, other)).rejects.toThrow(`${other}: expected a variable wiki, found imdb`);
    await expect(readAll(wiki, other, { age: 'exact' })).rejects.toThrow(/mid-year or year, found 'exact'/);
  });
});

it('imdb distinguishes people by number and name', async () => {
  const readings = await readAll(imdb, unpack('imdb', 'f/imdb_crop'));
  expect(readings.map((reading) => 'identity' in reading && reading.identity)).toEqual([
    '1 Sami Jauhojärvi',
    '2 章子怡',
    '3 Marc Okrand',
    false,
  ]);
});
