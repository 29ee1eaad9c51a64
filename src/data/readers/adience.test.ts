import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { adience } from '../sets/adience.js';

const HEADER =
  'user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score';
const USER = '30601258@N03';

/** A row as the folds have them. */
const row = (image: string, face: number, age: string, gender: string): string =>
  [USER, image, face, age, gender, 0, 414, 1086, 1383, -115, 30, 17].join('\t');

const fold = (...rows: string[]): string => [HEADER, ...rows, ''].join('\n');

const aligned = (image: string, face: number): string =>
  `aligned/${USER}/landmark_aligned_face.${face}.${image}`;

describe('adience', () => {
  it('reads groups, unusual ranges and single ages, folds and people', async () => {
    const pictures = [aligned('1.jpg', 1), aligned('2.jpg', 2), aligned('3.jpg', 1), aligned('4.jpg', 1)];
    const source = await dataFolder(pictures, {
      'fold_0_data.txt': fold(row('1.jpg', 1, '(25, 32)', 'f'), row('2.jpg', 2, '(38, 42)', 'm')),
      'fold_4_data.txt': fold(row('3.jpg', 1, '35', 'u'), row('4.jpg', 1, '(60, 100)', '')),
      'fold_frontal_0_data.txt': fold(row('1.jpg', 1, '(25, 32)', 'f')),
    });
    const { labels, rejections } = await readAll(adience, source);
    expect(labels).toEqual([
      {
        path: aligned('1.jpg', 1),
        age: { from: 25, to: 32 },
        gender: 'female',
        identity: `${USER}/1`,
        split: 'fold0',
      },
      {
        path: aligned('2.jpg', 2),
        age: { from: 38, to: 42 },
        gender: 'male',
        identity: `${USER}/2`,
        split: 'fold0',
      },
      { path: aligned('3.jpg', 1), age: { age: 35 }, identity: `${USER}/1`, split: 'fold4' },
      { path: aligned('4.jpg', 1), age: { from: 60, to: 100 }, identity: `${USER}/1`, split: 'fold4' },
    ]);
    expect(rejections).toEqual([]);
  });

  it('takes the other crops, and an archive unpacked into a folder of its own name', async () => {
    const faces = `faces/${USER}/coarse_tilt_aligned_face.1.1.jpg`;
    const source = await dataFolder([faces, `aligned/${aligned('1.jpg', 1)}`], {
      'fold_0_data.txt': fold(row('1.jpg', 1, '(0, 2)', 'm')),
    });
    expect((await readAll(adience, source, { pictures: 'faces' })).labels[0]!.path).toBe(faces);
    expect((await readAll(adience, source)).labels[0]!.path).toBe(`aligned/${aligned('1.jpg', 1)}`);
  });

  it('rejects rows without an age, with another gender and without a picture', async () => {
    const source = await dataFolder([aligned('1.jpg', 1)], {
      'fold_0_data.txt': fold(
        row('1.jpg', 1, '(0, 2)', 'm'),
        row('2.jpg', 1, 'None', 'm'),
        row('3.jpg', 1, 'old', 'm'),
        row('4.jpg', 1, '(0, 2)', 'x'),
        row('5.jpg', 1, '(0, 2)', 'f'),
        row('', 1, '(0, 2)', 'f'),
      ),
    });
    const { rejections } = await readAll(adience, source);
    expect(rejections.map(({ path, reason }) => [path, reason])).toEqual([
      [aligned('2.jpg', 1), 'no age'],
      [aligned('3.jpg', 1), 'bad name'],
      [aligned('4.jpg', 1), 'bad name'],
      [aligned('5.jpg', 1), 'missing image'],
      ['fold_0_data.txt:7', 'bad name'],
    ]);
  });

  it('refuses a source without folds or without the folder of the pictures', async () => {
    await expect(readAll(adience, await dataFolder([aligned('1.jpg', 1)]))).rejects.toThrow(
      'expected the label files fold_0_data.txt to fold_4_data.txt, found none',
    );
    await expect(readAll(adience, await dataFolder([], { 'fold_0_data.txt': fold() }))).rejects.toThrow(
      'expected a folder of pictures named aligned, found none',
    );
  });
});
