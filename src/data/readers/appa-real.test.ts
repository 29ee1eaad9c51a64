import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { appaReal } from '../sets/appa-real.js';

const HEADER = 'file_name,num_ratings,apparent_age_avg,apparent_age_std,real_age';
const LABELS = {
  'gt_avg_train.csv': `${HEADER}\n000000.jpg,36,5.055555556,1.286343769,4\n`,
  'gt_avg_valid.csv': `${HEADER}\n004113.jpg,38,18.5,0,17\n`,
  'gt_avg_test.csv': `${HEADER}\n005613.jpg,40,31.25,4.5,36\n`,
};
const PICTURES = ['train/000000.jpg', 'valid/004113.jpg', 'test/005613.jpg'].flatMap((path) => [
  path,
  `${path}_face.jpg`,
]);

describe('appa-real', () => {
  it('reads the mean and the spread of the votes, with the crops of the faces', async () => {
    const { labels } = await readAll(appaReal, await dataFolder(PICTURES, LABELS));
    expect(labels).toEqual([
      { path: 'train/000000.jpg_face.jpg', age: { age: 5.055555556, std: 1.286343769 }, split: 'train' },
      { path: 'valid/004113.jpg_face.jpg', age: { age: 18.5, std: 0 }, split: 'validation' },
      { path: 'test/005613.jpg_face.jpg', age: { age: 31.25, std: 4.5 }, split: 'test' },
    ]);
  });

  it('reads the real age, with the pictures whole', async () => {
    const source = await dataFolder(PICTURES, LABELS);
    const { labels } = await readAll(appaReal, source, { age: 'real', pictures: 'whole' });
    expect(labels.map(({ path, age }) => [path, age])).toEqual([
      ['train/000000.jpg', { age: 4 }],
      ['valid/004113.jpg', { age: 17 }],
      ['test/005613.jpg', { age: 36 }],
    ]);
  });

  it('rejects rows without a number if one is needed', async () => {
    const rows = ['000000.jpg,36,5,1,4', '000001.jpg,36,,1,4', '000002.jpg,36,5,-1,4', ',36,5,1,4'];
    const source = await dataFolder(['train/000000.jpg_face.jpg'], {
      'gt_avg_train.csv': [HEADER, ...rows].join('\n'),
    });
    expect((await readAll(appaReal, source)).rejections.map(({ path, detail }) => [path, detail])).toEqual([
      ['train/000001.jpg_face.jpg', 'the apparent age must be a number, found nothing'],
      ['train/000002.jpg_face.jpg', "the spread must be 0 years or more, found '-1'"],
      ['gt_avg_train.csv:5', 'expected the name of a picture, found nothing'],
    ]);
  });

  it('refuses a folder without its tables', async () => {
    await expect(readAll(appaReal, await dataFolder(['train/000000.jpg']))).rejects.toThrow(
      'expected a label file gt_avg_train.csv, gt_avg_valid.csv, gt_avg_test.csv, found none',
    );
  });
});
