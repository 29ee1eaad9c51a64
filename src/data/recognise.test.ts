import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recogniseSet } from './recognise.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-recognise-'));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
async function folderWith(...files: readonly string[]): Promise<string> {
  const source = join(folder, `${made++}`);
  for (const file of files) {
    await mkdir(dirname(join(source, file)), { recursive: true });
    await writeFile(join(source, file), '');
  }
  return source;
}

it.each<[string, string[]]>([
  ['utkface', ['25_1_0_20170116171048641.jpg.chip.jpg', '1_0_4_20161219200338012.jpg', 'readme.txt']],
  [
    'utkface',
    [
      'part1/25_1_0_20170116171048641.jpg',
      'part2/61_1_20170109142408075.jpg',
      'part2/1_0_0_2.jpg',
      'part2/2_0_0_3.jpg',
      'part2/3_0_0_4.jpg',
    ],
  ],
  ['utkface', ['25_1_0_20170116171048641.jpg.chip.avif', '1_0_4_20161219200338012.jpg.chip.jpg.heic']],
  ['fairface', ['fairface_label_val.csv', 'val/1.jpg']],
  ['all-age-faces', ['image sets/train.txt', 'original images/00002A02.jpg']],
  ['adience', ['fold_0_data.txt', 'aligned/1@N01/landmark_aligned_face.1.2.jpg']],
  ['appa-real', ['gt_avg_valid.csv', 'valid/000001.jpg']],
  ['imdb', ['imdb_crop/imdb.mat', 'imdb_crop/00/nm1_rm2_1981-05-05_2009.jpg']],
  ['wiki', ['wiki.mat', '00/12_1981-05-05_2009.jpg']],
  ['cacd', ['CACD2000/53_Robin_Williams_0001.jpg']],
  ['afad', ['AFAD-Full/15/111/109318-0.jpg', 'AFAD-Full/15/112/20.jpg']],
  ['morph2', ['Album2/009055_1M54.JPG']],
  ['fg-net', ['images/001A02.JPG', 'images/010A07a.JPG']],
  ['agedb', ['0_MariaCallas_35_f.jpg']],
  ['folders', ['25/a.jpg', '20-29/b.png']],
  ['folders', ['25/25_1_0_2017.jpg', '26/a.jpg', '27/b.jpg']],
])('takes a folder for %s by its files: %j', async (id, files) => {
  expect(await recogniseSet(await folderWith(...files))).toBe(id);
});

it.each<[string, Record<string, string>]>([
  [
    'chalearn-lap-2015',
    { 'Train.csv': 'image_1.jpg;35;4.2\r\nimage_2.jpg;18;1\r\n', 'Validation.csv': 'image_9.jpg;18;0.9\r\n' },
  ],
  ['chalearn-lap-2015', { 'Validation/Reference.csv': 'image_2519.jpg,18,0.9\n' }],
  ['chalearn-lap-2016', { 'train_gt.csv': 'image,mean,stdv\n000000.jpg,5.0556,1.2863\n' }],
  // An age and the code of a gender, and a table of other columns.
  ['folders', { 'train.csv': 'image_1.jpg,35,1\nimage_2.jpg,18,0\n' }],
  ['folders', { 'train.csv': 'file,age,gender,race\nimage_1.jpg,35,male,1.5\n', 'test.csv': '' }],
])('takes a folder for %s by the rows of its label files: %j', async (id, tables) => {
  const source = await folderWith(...Object.keys(tables));
  for (const [file, text] of Object.entries(tables)) await writeFile(join(source, file), text);
  expect(await recogniseSet(source)).toBe(id);
});

it.each([
  ['faces.csv', 'csv'],
  ['FACES.CSV', 'csv'],
  ['imdb_db.mat', 'age-gender-mat'],
  ['wiki.mat', 'wiki'],
  ['utk.h5', 'al-resnet-hdf5'],
  ['faces.txt', undefined],
])('takes the file %s for %s', async (file, id) => {
  expect(await recogniseSet(join(await folderWith(file), file))).toBe(id);
});
