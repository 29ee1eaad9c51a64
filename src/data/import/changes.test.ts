/** What of a data set is taken: corrections, a limit, and groups that rules leave nothing of. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRejection, type Reading, type Rejection, type Sample } from '../types.js';
import { readCorrections } from './corrections.js';
import { limitedTo } from './limit.js';
import { GroupWatch } from './lost-groups.js';

let folder: string;
let table: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-changes-'));
  table = join(folder, 'corrections.csv');
});
afterEach(() => rm(folder, { recursive: true }));

const sample = (path: string, facts: Partial<Sample> = {}): Sample => ({
  path,
  image: { file: path },
  age: { age: 30 },
  ...facts,
});

async function* asStream(readings: readonly Reading[]): AsyncGenerator<Reading> {
  yield* readings;
}

async function collect(readings: AsyncIterable<Reading>): Promise<Reading[]> {
  const all: Reading[] = [];
  for await (const reading of readings) all.push(reading);
  return all;
}

async function corrected(text: string, readings: readonly Reading[]) {
  await writeFile(table, text);
  const corrections = await readCorrections(table);
  return { corrections, result: await collect(corrections.applied(asStream(readings))) };
}

describe('corrections', () => {
  it('leave out, and give other labels; an empty cell changes nothing', async () => {
    const { corrections, result } = await corrected(
      'row,file,exclude,age,gender,labelled\n0,a/b.jpg,yes,,,30\n1,c.jpg,,25,F,\n2,d.jpg,no,20-29,,\n3,e.jpg,,,,30\n',
      [
        sample('a/b.jpg'),
        sample('c.jpg', { gender: 'male' }),
        sample('d.jpg', { gender: 'male' }),
        sample('e.jpg'),
      ],
    );
    expect(result).toEqual([
      { path: 'a/b.jpg', reason: 'excluded', detail: expect.stringContaining(`${table}:2`) },
      sample('c.jpg', { age: { age: 25 }, gender: 'female' }),
      sample('d.jpg', { age: { from: 20, to: 29 }, gender: 'male' }),
      sample('e.jpg'),
    ]);
    expect(corrections.counts).toEqual({ exclude: 1, relabel: 2 });
    expect(corrections.notices).toEqual([]);
  });

  it('name files that the data set does not have', async () => {
    const { corrections } = await corrected('file;exclude\na.jpg;x\nA.jpg;x\n', [sample('a.jpg')]);
    expect(corrections.notices).toEqual([
      `${table} names 1 of 2 files that the data set does not have, the first 'A.jpg'`,
    ]);
  });

  it('of pictures that are left out all the same are noticed', async () => {
    const bad: Rejection = { path: 'b.jpg', reason: 'bad name', detail: '' };
    const { corrections, result } = await corrected('file,age\na.jpg,30\nb.jpg,31\n', [sample('a.jpg'), bad]);
    expect(result[1]).toEqual(bad);
    expect(corrections.notices).toEqual([
      `${table} labels 1 of 2 files that are left out all the same, the first 'b.jpg'; rejects.csv says why`,
    ]);
  });

  it('that change nothing are noticed', async () => {
    for (const text of ['file,exclude,age\na.jpg,,\n', 'file,sex\na.jpg,male\n']) {
      const { corrections } = await corrected(text, [sample('a.jpg')]);
      expect(corrections.notices).toEqual([
        `${table} changes nothing: expected cells in the columns exclude, age or gender, found none`,
      ]);
    }
  });

  it('of files that begin as formulas do are found', async () => {
    const { result } = await corrected("file,exclude\n'=a.jpg,1\n", [sample('=a.jpg')]);
    expect(result.map((reading) => isRejection(reading))).toEqual([true]);
  });

  it.each([
    ['path,exclude\na.jpg,x\n', 'expected a column file'],
    ['file,exclude\na.jpg,perhaps\n', "corrections.csv:2: expected yes or no as exclude, found 'perhaps'"],
    ['file,age\na.jpg,old\n', "expected an age or a range of ages, found 'old'"],
    ['file,age\na.jpg,-5\n', "corrections.csv:2: expected an age of 0 to 122 years, found '-5'"],
    ['file,age\na.jpg,20-200\n', "expected an age of 0 to 122 years, found '20-200'"],
    ['file,gender\na.jpg,2\n', "expected female or male, found '2'"],
    ['file,age\na.jpg,1\na.jpg,2\n', "expected one correction of 'a.jpg', found a second"],
    ['file,exclude\na.jpg,yes\na.jpg,no\n', "expected one word on excluding 'a.jpg', found yes and no"],
    ['file,exclude,age\na.jpg,n,\na.jpg,x,\n', "expected one word on excluding 'a.jpg', found yes and no"],
    ['file,face,age\na.jpg,2,1\na.jpg,2,2\n', "expected one correction of face 2 of 'a.jpg', found a second"],
    ['file,face,age\na.jpg,left,1\n', "expected the number of a face, from 1, found 'left'"],
    ['file,age\na.jpg\n', 'corrections.csv:2: expected a row of 2 cells, found 1'],
  ])('refuse %j', async (text, problem) => {
    await writeFile(table, text);
    await expect(readCorrections(table)).rejects.toThrow(problem);
  });

  describe('of a picture with several faces', () => {
    const faces = [1, 2, 3].map((face) =>
      sample('a.jpg', { face, faceBox: { x: face, y: 0, width: 5, height: 5 } }),
    );

    it('change the face whose number the table gives', async () => {
      const { corrections, result } = await corrected(
        'file,face,exclude,age,gender\na.jpg,2,,25,\na.jpg,3,x,,\na.jpg,1,,,female\n',
        faces,
      );
      expect(result).toEqual([
        { ...faces[0], gender: 'female' },
        { ...faces[1], age: { age: 25 } },
        expect.objectContaining({ path: 'a.jpg', reason: 'excluded' }),
      ]);
      expect(corrections.counts).toEqual({ exclude: 1, relabel: 2 });
      expect(corrections.notices).toEqual([]);
    });

    it('leave out all that no line names, and label none without its number', async () => {
      const { result } = await corrected('file,face,exclude,age\na.jpg,,x,\na.jpg,2,,7\n', faces);
      expect(result.map((reading) => isRejection(reading))).toEqual([true, false, true]);
      await expect(corrected('file,age\na.jpg,3\n', faces)).rejects.toThrow(
        "corrections.csv:2: expected the number of a face in the column face, found several faces in 'a.jpg'",
      );
    });

    it('name faces that the data set does not have', async () => {
      const { corrections } = await corrected('file,face,exclude\na.jpg,4,x\n', faces);
      expect(corrections.notices).toEqual([
        `${table} names 1 of 1 files that the data set does not have, the first 'a.jpg', face 4`,
      ]);
    });
  });
});

describe('a limit', () => {
  const readings = Array.from({ length: 200 }, (_, i) => sample(`${i}.jpg`, { age: { age: i } }));
  const chosen = async (list: readonly Reading[], limit: number, counts = (_: Sample) => true) =>
    (await collect(limitedTo(limit, () => asStream(list), counts))).map(({ path }) => path);

  it('chooses the same pictures whatever their order, from all over the set', async () => {
    const found = await chosen(readings, 40);
    expect(found).toHaveLength(40);
    expect((await chosen(readings.toReversed(), 40)).toReversed()).toEqual(found);
    // Of the first half 20 are expected, standard deviation 2.8.
    const early = found.filter((path) => Number.parseInt(path, 10) < 100).length;
    expect(Math.abs(early - 20)).toBeLessThan(10);
  });

  it('chooses pictures of all parts of the split `hash`', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => sample(`${i}.jpg`, { age: { age: 30 } }));
    const found = await chosen(many, 200);
    // 80.1% of names are in the part 'train': 160 of 200 are expected, standard deviation 5.6.
    const train = found.filter((path) => createHash('md5').update(path).digest()[0]! < 205).length;
    expect(Math.abs(train - 160)).toBeLessThan(17);
  });

  it('counts only pictures that are kept, and leaves rejections unchanged', async () => {
    const bad: Rejection = { path: 'bad', reason: 'bad name', detail: '' };
    const even = ({ age }: Sample) => age !== undefined && 'age' in age && age.age % 2 === 0;
    const found = await chosen([bad, ...readings], 10, even);
    expect(found).toContain('bad');
    expect(found.filter((path) => path !== 'bad' && Number.parseInt(path, 10) % 2 === 0)).toHaveLength(10);
    expect(await chosen(readings, 500)).toHaveLength(200);
  });
});

describe('a group', () => {
  it('of which a rule leaves nothing is reported with the rule', () => {
    const watch = new GroupWatch();
    const old = { age: { from: 70, to: 100 }, gender: 'female', race: 'Black' } as const;
    watch.lost(sample('a', old), 'age out of range');
    watch.lost(sample('b', old), 'age out of range');
    watch.lost(sample('c', { ...old, race: 'White' }), 'unreadable');
    watch.kept(sample('d', { age: { from: 0, to: 2 }, gender: 'female', race: 'White' }));
    expect(watch.notices()).toEqual([
      "Nothing is left of ages 70 to 100: all 3 pictures were left out for 'age out of range' (2 of them)",
      "Nothing is left of race 'Black': all 2 pictures were left out for 'age out of range'",
    ]);
  });

  it('of exact ages is none: a rule for ages is meant to leave them out', () => {
    const watch = new GroupWatch();
    watch.lost(sample('a', { age: { age: 3 } }), 'age out of range');
    expect(watch.notices()).toEqual([]);
  });
});
