import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dataFolder, readAll, realData } from '../../../test/support/data-folder.js';
import { utkface } from '../sets/utkface.js';
import type { Sample } from '../types.js';

describe('utkface', () => {
  it('reads age, gender and race from the names of crops', async () => {
    const source = await dataFolder([
      '1_1_4_20170109194452834.jpg.chip.jpg',
      '100_0_0_20170112213500903.jpg.chip.jpg',
    ]);
    expect((await readAll(utkface, source)).samples).toEqual([
      {
        path: '100_0_0_20170112213500903.jpg.chip.jpg',
        image: { file: `${source}/100_0_0_20170112213500903.jpg.chip.jpg` },
        age: { age: 100 },
        gender: 'male',
        race: 'White',
      },
      {
        path: '1_1_4_20170109194452834.jpg.chip.jpg',
        image: { file: `${source}/1_1_4_20170109194452834.jpg.chip.jpg` },
        age: { age: 1 },
        gender: 'female',
        race: 'Other',
      },
    ]);
  });

  it('reads pictures in the wild from their three folders, and none of what a Mac leaves behind', async () => {
    const source = await dataFolder([
      'part3/7_1_3_20170116235150272.jpg',
      'part1/34_0_1_20170111182452832.jpg',
      'part2/21_0_2_20170116184028385.jpg',
      'part1/._34_0_1_20170111182452832.jpg',
      '__MACOSX/part1/34_0_1_20170111182452832.jpg',
      'readme.txt',
    ]);
    const { labels, rejections } = await readAll(utkface, source);
    expect(labels.map(({ path, race }) => [path, race])).toEqual([
      ['part1/34_0_1_20170111182452832.jpg', 'Black'],
      ['part2/21_0_2_20170116184028385.jpg', 'Asian'],
      ['part3/7_1_3_20170116235150272.jpg', 'Indian'],
    ]);
    expect(rejections).toEqual([]);
  });

  it('reads copies that were encoded again', async () => {
    const names = [
      '33_1_2_20170116220224663.png',
      '34_1_2_1.jpeg',
      '42_1_2_2.webp',
      '43_1_2_3.jpg.chip.png',
      '44_1_2_4.jpg.chip.jpg.png',
      '45_1_2_5.JPG.JP2',
    ];
    const { samples } = await readAll(utkface, await dataFolder(names));
    expect(samples.map(({ age }) => age)).toEqual([33, 34, 42, 43, 44, 45].map((age) => ({ age })));
  });

  it.each([
    ['39_1_20170116174525125.jpg.chip.jpg', 'expected a name AGE_GENDER_RACE_DATE.jpg of 4 fields, found 3'],
    ['44_1_4_20170116235150272_1.jpg', 'expected a name AGE_GENDER_RACE_DATE.jpg of 4 fields, found 5'],
    ['53__0_20170116184028385.jpg', 'the gender must be 0 or 1, found nothing'],
    ['53_2_0_20170116184028385.jpg', "the gender must be 0 or 1, found '2'"],
    ['53_1_5_20170116184028385.jpg', "the race must be 0 to 4, found '5'"],
    ['x_1_0_20170116184028385.jpg', "the age must be a number of years, found 'x'"],
    ['24_0_1_20170116220224657 .jpg.chip.jpg', "the date must be digits, found '20170116220224657 '"],
    ['55_0_0_20170116232725357jpg.chip.jpg', "the date must be digits, found '20170116232725357jpg'"],
  ])('reports what is wrong with %s', async (path, detail) => {
    const source = await dataFolder([path, '20_0_0_20170112213500903.jpg']);
    expect((await readAll(utkface, source)).rejections).toEqual([{ path, reason: 'bad name', detail }]);
  });

  it('rejects the second of a picture that is in two folders, and an age that is impossible', async () => {
    const name = '20_0_0_20170112213500903.jpg.chip.jpg';
    const old = '123_0_0_20170112213500904.jpg.chip.jpg';
    const source = await dataFolder([`UTKFace/${name}`, `crop_part1/${name}`, `crop_part1/${old}`]);
    const { labels, rejections } = await readAll(utkface, source);
    expect(labels.map(({ path }) => path)).toEqual([`UTKFace/${name}`]);
    expect(rejections.map(({ path, reason }) => [path, reason])).toEqual([
      [`crop_part1/${old}`, 'age out of range'],
      [`crop_part1/${name}`, 'duplicate row'],
    ]);
  });

  it('refuses a folder that is missing, an archive, an empty folder and another set', async () => {
    const source = await dataFolder(['empty/readme.txt', 'other/cat.jpg', 'UTKFace.tar.gz']);
    await expect(readAll(utkface, `${source}/none`)).rejects.toThrow(
      `${source}/none: expected the folder of UTKFace, found nothing there`,
    );
    await expect(readAll(utkface, `${source}/UTKFace.tar.gz`)).rejects.toThrow(
      'expected the folder of UTKFace, found a file (unpack archives first)',
    );
    await expect(readAll(utkface, `${source}/empty`)).rejects.toThrow(/named like .*; found no picture$/);
    await expect(readAll(utkface, `${source}/other`)).rejects.toThrow(
      /found 1 named otherwise, the first cat.jpg$/,
    );
  });

  const real = realData('utkface');
  it.skipIf(!real)(
    'reads every picture of the real set that is named by the rule, and rejects the others',
    async () => {
      // Independent of the reader: one expression over the listing.
      const names = readdirSync(real!);
      const rule = /^(\d+)_([01])_([0-4])_\d+\.jpg\.chip\.jpg$/;
      const expected = names.flatMap((path) => {
        const [, age, gender, race] = rule.exec(path) ?? [];
        return age ? [[path, Number(age), gender === '0' ? 'male' : 'female', Number(race)]] : [];
      });
      const { labels, rejections } = await readAll(utkface, real!);
      const races = ['White', 'Black', 'Asian', 'Indian', 'Other'];
      const found = labels.map(({ path, age, gender, race }) => [
        path,
        years(age),
        gender,
        races.indexOf(race!),
      ]);
      expect(found).toEqual(expected.sort((a, b) => (a[0]! < b[0]! ? -1 : 1)));
      expect(rejections).toHaveLength(names.length - expected.length);
      expect(rejections.filter(({ detail }) => detail.endsWith('found 3'))).toHaveLength(3);
    },
  );
});

const years = (age: Sample['age']): number | undefined => (age && 'age' in age ? age.age : undefined);
