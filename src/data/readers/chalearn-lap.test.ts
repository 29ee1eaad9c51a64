import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { chalearnLap2015, chalearnLap2016 } from '../sets/chalearn-lap.js';

describe('chalearn-lap-2015', () => {
  it('reads rows with semicolons and no header, and leaves out a list of two parts', async () => {
    const source = await dataFolder(['Train/image_1.jpg', 'Validation/image_2519.jpg', 'Test/image_9.jpg'], {
      'Train.csv': 'image_1.jpg;35;4.2\r\n',
      'Validation.csv': 'image_2519.jpg;18;0.9\r\n',
      'Test.csv': 'image_9.jpg;70;7.25\r\n',
      'Train_plus_validation.csv': 'image_1.jpg;35;4.2\r\nimage_2519.jpg;18;0.9\r\n',
    });
    const { labels, rejections } = await readAll(chalearnLap2015, source);
    expect(labels).toEqual([
      { path: 'Train/image_1.jpg', age: { age: 35, std: 4.2 }, split: 'train' },
      { path: 'Validation/image_2519.jpg', age: { age: 18, std: 0.9 }, split: 'validation' },
      { path: 'Test/image_9.jpg', age: { age: 70, std: 7.25 }, split: 'test' },
    ]);
    expect(rejections).toEqual([]);
  });

  it('takes the part from the folder if the file does not say it', async () => {
    const source = await dataFolder(['Validation/image_2519.jpg'], {
      'Validation/Reference.csv': 'image_2519.jpg,18,0.9\n',
    });
    const { labels } = await readAll(chalearnLap2015, source);
    expect(labels.map(({ path, split }) => [path, split])).toEqual([
      ['Validation/image_2519.jpg', 'validation'],
    ]);
  });

  it('rejects a row without a number and a picture that is missing', async () => {
    const source = await dataFolder(['Train/image_1.jpg'], {
      'Train.csv': 'image_1.jpg;35;4.2\nimage_2.jpg;35;4.2\nimage_3.jpg;old;4.2\nimage_4.jpg;35\n',
    });
    const { rejections } = await readAll(chalearnLap2015, source);
    expect(rejections.map(({ path, reason }) => [path, reason])).toEqual([
      ['Train/image_2.jpg', 'missing image'],
      ['Train/image_3.jpg', 'bad name'],
      ['Train.csv:4', 'bad name'],
    ]);
  });
});

describe('chalearn-lap-2016', () => {
  it('reads rows with commas and a header', async () => {
    const source = await dataFolder(['train/000000.jpg', 'valid/004113.jpg'], {
      'train_gt.csv': 'image,mean,stdv\n000000.jpg,5.0556,1.2863\n',
      'valid_gt.csv': 'image,mean,stdv\n004113.jpg,18.5,2.5\n',
    });
    expect((await readAll(chalearnLap2016, source)).labels).toEqual([
      { path: 'train/000000.jpg', age: { age: 5.0556, std: 1.2863 }, split: 'train' },
      { path: 'valid/004113.jpg', age: { age: 18.5, std: 2.5 }, split: 'validation' },
    ]);
  });

  it('refuses the tables of APPA-REAL, and a folder without any', async () => {
    const appaReal = await dataFolder(['train/000000.jpg'], {
      'gt_avg_train.csv':
        'file_name,num_ratings,apparent_age_avg,apparent_age_std,real_age\n000000.jpg,36,5,1,4\n',
    });
    await expect(readAll(chalearnLap2016, appaReal)).rejects.toThrow('expected a row of 3 cells, found 5');
    await expect(readAll(chalearnLap2016, await dataFolder(['a.jpg']))).rejects.toThrow(
      'expected label files of ChaLearn LAP 2016, named like Train.csv or train_gt.csv; found none',
    );
  });
});
