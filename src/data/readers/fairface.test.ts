import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dataFolder, readAll, realData } from '../../../test/support/data-folder.js';
import { fairface } from '../sets/fairface.js';

const HEADER = 'file,age,gender,race,service_test';

describe('fairface', () => {
  it('reads groups, also those that a spreadsheet mangled, of both parts', async () => {
    const ages = [
      '0-2',
      '3-9',
      '03-Sep',
      '10-19',
      'Oct-19',
      '9-Mar',
      '19-October',
      'Mar-09',
      '3-September',
      '20-29',
      '60-69',
      'more than 70',
    ];
    const rows = ages.map(
      (age, i) => `train/${i + 1}.jpg,${age},${i % 2 ? 'Male' : 'Female'},East Asian,TRUE`,
    );
    const source = await dataFolder([...ages.map((_, i) => `train/${i + 1}.jpg`), 'val/1.jpg'], {
      'fairface_label_train.csv': [HEADER, ...rows, ''].join('\n'),
      'fairface_label_val.csv': `${HEADER}\r\nval/1.jpg,30-39,Male,Latino_Hispanic,False\r\n`,
    });
    const { samples, rejections } = await readAll(fairface, source);
    expect(rejections).toEqual([]);
    expect(samples.map(({ age }) => age)).toEqual([
      { from: 0, to: 2 },
      { from: 3, to: 9 },
      { from: 3, to: 9 },
      { from: 10, to: 19 },
      { from: 10, to: 19 },
      { from: 3, to: 9 },
      { from: 10, to: 19 },
      { from: 3, to: 9 },
      { from: 3, to: 9 },
      { from: 20, to: 29 },
      { from: 60, to: 69 },
      { from: 70, to: 100 },
      { from: 30, to: 39 },
    ]);
    expect(samples[1]).toMatchObject({
      path: 'train/2.jpg',
      gender: 'male',
      race: 'East Asian',
      split: 'train',
    });
    expect(samples[12]).toEqual({
      path: 'val/1.jpg',
      image: { file: `${source}/val/1.jpg` },
      age: { from: 30, to: 39 },
      gender: 'male',
      race: 'Latino_Hispanic',
      split: 'validation',
    });
  });

  it('reads what a spreadsheet writes for a month and a year, a day or its number, also in other languages', async () => {
    const ages = [
      '2019-01-10',
      '2019-10-01',
      '2003-09-01',
      '1-Oct-19',
      '9/1/2003',
      '01.03.2009',
      '1. September 03',
      '3–9',
      '70+',
      'Oct 2019',
      '45172',
      '43739',
      '09. Mrz',
      'Okt 19',
      '03-09',
      '00-02',
      '2024-09-03 00:00:00',
      '2019-10-01T00:00:00.000Z',
      '45172.0',
    ];
    const others = [
      '2003-09-02',
      '2004-09-01',
      '1-Sep',
      '1-9',
      'Jan-09',
      '2003-09',
      'Oct 2018',
      '45173',
      '2024-09-03 09:00',
    ];
    const all = [...ages, ...others];
    const source = await dataFolder(
      all.map((_, i) => `train/${i}.jpg`),
      {
        'fairface_label_train.csv': [
          HEADER,
          ...all.map((age, i) => `train/${i}.jpg,${age},Male,White,TRUE`),
        ].join('\n'),
      },
    );
    const { samples, rejections } = await readAll(fairface, source);
    expect(samples.map(({ age }) => age && 'from' in age && age.from)).toEqual([
      10, 10, 3, 10, 3, 3, 3, 3, 70, 10, 3, 10, 3, 10, 3, 0, 3, 10, 3,
    ]);
    expect(rejections.map(({ detail }) => detail)).toEqual(
      others.map((age) => `expected an age group of FairFace, found '${age}'`),
    );
  });

  it('reads dates with a year, and tables that a spreadsheet saved with semicolons', async () => {
    const ages = ['9-Mar-24', '2024-10-19', '3/9/2024', '09.03.2024', 'Sep 3, 2024', '19. October 24'];
    const names = ages.map((_, i) => `train/${i + 1}.jpg`);
    const rows = ages.map((age, i) => `${names[i]};${age};Male;White;TRUE`);
    const source = await dataFolder([...names, 'train/x.jpg', 'train/y.jpg'], {
      'fairface_label_train.csv': [
        HEADER.replaceAll(',', ';'),
        ...rows,
        'train/x.jpg;foo-2;Male;White;TRUE',
        'train/y.jpg;3-9-2024-1;Male;White;TRUE',
      ].join('\n'),
    });
    const { samples, rejections } = await readAll(fairface, source);
    const [children, teenagers] = [
      { from: 3, to: 9 },
      { from: 10, to: 19 },
    ];
    expect(samples.map(({ age }) => age)).toEqual([
      children,
      teenagers,
      children,
      children,
      children,
      teenagers,
    ]);
    expect(rejections.map(({ detail }) => detail)).toEqual([
      "expected an age group of FairFace, found 'foo-2'",
      "expected an age group of FairFace, found '3-9-2024-1'",
    ]);
  });

  it('finds the pictures in the folder of their archive', async () => {
    const source = await dataFolder(['fairface-img-margin025-trainval/val/1.jpg'], {
      'fairface_label_val.csv': `${HEADER}\nval/1.jpg,30-39,Male,White,False\n`,
    });
    const { labels } = await readAll(fairface, source);
    expect(labels.map(({ path }) => path)).toEqual(['fairface-img-margin025-trainval/val/1.jpg']);
  });

  it('rejects single rows and continues', async () => {
    const rows = [
      'train/1.jpg,0-2,Female,White,TRUE',
      'train/2.jpg,0-2,Female,White,TRUE',
      'train/1.jpg,0-2,Female,White,TRUE',
      'train/1.jpg,3-9,Female,White,TRUE',
      'train/3.jpg,3-10,Female,White,TRUE',
      'train/3.jpg,0-2,0,White,TRUE',
      'train/3.jpg,0-2',
      'test/3.jpg,0-2,Male,White,TRUE',
    ];
    const source = await dataFolder(['train/1.jpg', 'train/3.jpg'], {
      'fairface_label_train.csv': [HEADER, ...rows].join('\n'),
    });
    const { labels, rejections } = await readAll(fairface, source);
    expect(labels).toHaveLength(1);
    expect(rejections).toEqual([
      {
        path: 'train/2.jpg',
        reason: 'missing image',
        detail: `expected a picture at ${source}/train/2.jpg, found no such file`,
      },
      {
        path: 'train/1.jpg',
        reason: 'duplicate row',
        detail: 'the picture was named before, with the same labels',
      },
      {
        path: 'train/1.jpg',
        reason: 'duplicate row',
        detail: 'the picture was named before, with other labels',
      },
      {
        path: 'train/3.jpg',
        reason: 'bad name',
        detail: "expected an age group of FairFace, found '3-10'",
      },
      {
        path: 'train/3.jpg',
        reason: 'bad name',
        detail: "the gender must be Female or Male, found '0'",
      },
      {
        path: 'fairface_label_train.csv:8',
        reason: 'bad name',
        detail: 'expected a row of 5 cells, found 2',
      },
      {
        path: 'fairface_label_train.csv:9',
        reason: 'bad name',
        detail: "expected a file of train/, found 'test/3.jpg'",
      },
    ]);
  });

  it('refuses labels whose pictures were not unpacked, and a folder or a file that is not FairFace', async () => {
    const row = 'train/1.jpg,0-2,Female,White,TRUE';
    const labels = { 'fairface_label_train.csv': `${HEADER}\n${row}\n` };
    await expect(readAll(fairface, await dataFolder([], labels))).rejects.toThrow(
      /no picture can be used, 1 rejected; the first, train\/1.jpg: expected a picture at/,
    );
    await expect(readAll(fairface, await dataFolder(['train/1.jpg']))).rejects.toThrow(
      'expected the label file fairface_label_train.csv or fairface_label_val.csv, found neither',
    );
    const other = { 'fairface_label_train.csv': `file,age\n` };
    await expect(readAll(fairface, await dataFolder([], other))).rejects.toThrow(
      'fairface_label_train.csv: expected a column gender, race, found file, age',
    );
    const empty = { 'fairface_label_train.csv': '' };
    await expect(readAll(fairface, await dataFolder([], empty))).rejects.toThrow(
      'expected a header with file, age, gender, race, found nothing',
    );
  });

  const real = realData('fairface');
  it.skipIf(!real)(
    'reads every picture of the real set, each group and gender as often as it is written',
    async () => {
      const rows = readFileSync(`${real}/fairface_label_train.csv`, 'utf8').trim().split(/\r?\n/).slice(1);
      const { labels, rejections } = await readAll(fairface, real!);
      expect(rejections).toEqual([]);
      expect(labels.map(({ path }) => path)).toEqual(rows.map((row) => row.split(',')[0]));
      expect(new Set(labels.map(({ path }) => path))).toEqual(
        new Set(readdirSync(`${real}/train`).map((name) => `train/${name}`)),
      );

      const written = count(rows.map((row) => row.split(',').slice(1, 4).join()));
      const mangled: Record<string, string> = {
        '3-9': '03-Sep',
        '10-19': 'Oct-19',
        '70-100': 'more than 70',
      };
      const read = count(
        labels.map(({ age, gender, race }) => {
          const group = age && 'from' in age ? `${age.from}-${age.to}` : 'none';
          return [mangled[group] ?? group, gender === 'male' ? 'Male' : 'Female', race].join();
        }),
      );
      expect(read).toEqual(written);
    },
  );
});

function count(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
