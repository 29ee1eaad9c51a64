import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dataFolder, readAll, realData } from '../../../test/support/data-folder.js';
import { allAgeFaces } from '../sets/all-age-faces.js';

describe('all-age-faces', () => {
  it('reads the age from the name, gender and part from the lists, and takes a number for no person', async () => {
    const pictures = ['00002A02.jpg', '07381A35.jpg', '13321A80.jpg'];
    const folders = ['original images', 'aligned faces'];
    const source = await dataFolder(
      folders.flatMap((folder) => pictures.map((name) => `${folder}/${name}`)),
      {
        'image sets/train.txt': '07381A35.jpg 1\n00002A02.jpg 0\n',
        'image sets/val.txt': '13321A80 1\n',
      },
    );
    expect((await readAll(allAgeFaces, source)).samples).toEqual([
      {
        path: 'original images/07381A35.jpg',
        image: { file: `${source}/original images/07381A35.jpg` },
        age: { age: 35 },
        gender: 'male',
        split: 'train',
      },
      {
        path: 'original images/00002A02.jpg',
        image: { file: `${source}/original images/00002A02.jpg` },
        age: { age: 2 },
        gender: 'female',
        split: 'train',
      },
      {
        path: 'original images/13321A80.jpg',
        image: { file: `${source}/original images/13321A80.jpg` },
        age: { age: 80 },
        gender: 'male',
        split: 'validation',
      },
    ]);
    const aligned = await readAll(allAgeFaces, source, { pictures: 'aligned' });
    expect(aligned.labels[0]!.path).toBe('aligned faces/07381A35.jpg');
  });

  it('rejects rows that do not parse', async () => {
    const source = await dataFolder(['original images/00002A02.jpg'], {
      'image sets/train.txt': '00002A02.jpg 0\n2A02.jpg 0\n00003A02.jpg 2\n00004A02.jpg\n',
    });
    expect((await readAll(allAgeFaces, source)).rejections.map(({ path, detail }) => [path, detail])).toEqual(
      [
        ['image sets/train.txt:2', "expected a picture named like 00002A02.jpg, found '2A02.jpg'"],
        ['original images/00003A02.jpg', "the gender must be 0 or 1, found '2'"],
        ['image sets/train.txt:4', 'expected a row of 2 cells, found 1'],
      ],
    );
  });

  it('refuses a source without lists or without pictures, and an option that it does not know', async () => {
    const listless = await dataFolder(['original images/00002A02.jpg']);
    await expect(readAll(allAgeFaces, listless)).rejects.toThrow(
      'image sets/train.txt or image sets/val.txt',
    );
    const bare = await dataFolder([], { 'image sets/train.txt': '00002A02.jpg 0\n' });
    await expect(readAll(allAgeFaces, bare)).rejects.toThrow(
      "the folder of All-Age-Faces' original pictures",
    );
    await expect(readAll(allAgeFaces, bare, { picture: 'aligned' })).rejects.toThrow(
      "all-age-faces: unknown option 'picture'; did you mean 'pictures'?",
    );
    await expect(readAll(allAgeFaces, bare, { pictures: 'cropped' })).rejects.toThrow(
      "all-age-faces: the option pictures must be original or aligned, found 'cropped'",
    );
  });

  const real = realData('all-age-faces');
  it.skipIf(!real)(
    'reads every picture of the real set, whose gender follows from the serial number',
    async () => {
      const rows = readFileSync(`${real}/image sets/train.txt`, 'utf8').trim().split('\n');
      const { labels, rejections } = await readAll(allAgeFaces, real!);
      expect(rejections).toEqual([]);
      // The authors: serial numbers up to 07380 are female, the others male.
      expect(labels).toEqual(
        rows.map((row) => ({
          path: `original images/${row.split(' ')[0]}`,
          age: { age: Number(row.slice(6, 8)) },
          gender: Number(row.slice(0, 5)) <= 7380 ? 'female' : 'male',
          split: 'train',
        })),
      );
      expect(labels).toHaveLength(5393);
    },
  );
});
