import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { afad } from './afad.js';
import { agedb } from './agedb.js';
import { fgNet } from './fg-net.js';
import { folders } from './folders.js';

describe('fg-net', () => {
  it('reads person and age, whatever the case of the letter and with a letter after the age', async () => {
    const source = await dataFolder([
      'images/001A02.JPG',
      'images/010a07b.jpg',
      'images/082A69.JPG',
      'points/001a02.pts',
    ]);
    expect((await readAll(fgNet, source)).labels).toEqual([
      { path: 'images/001A02.JPG', age: { age: 2 }, identity: '001' },
      { path: 'images/010a07b.jpg', age: { age: 7 }, identity: '010' },
      { path: 'images/082A69.JPG', age: { age: 69 }, identity: '082' },
    ]);
  });

  it('rejects a name without an age', async () => {
    const source = await dataFolder(['001A02.JPG', '002A.JPG']);
    expect((await readAll(fgNet, source)).rejections).toEqual([
      {
        path: '002A.JPG',
        reason: 'bad name',
        detail: 'a person, the letter A and an age are expected, as in 001A02.JPG; found 002A.JPG',
      },
    ]);
  });
});

describe('agedb', () => {
  it('reads person, age and gender, also of a person with underscores in the name', async () => {
    const source = await dataFolder(['0_MariaCallas_35_f.jpg', '1_Jean_Paul_101_m.jpg', '2_NoAge_f.jpg']);
    const { labels, rejections } = await readAll(agedb, source);
    expect(labels).toEqual([
      { path: '0_MariaCallas_35_f.jpg', age: { age: 35 }, gender: 'female', identity: 'MariaCallas' },
      { path: '1_Jean_Paul_101_m.jpg', age: { age: 101 }, gender: 'male', identity: 'Jean_Paul' },
    ]);
    expect(rejections.map(({ path }) => path)).toEqual(['2_NoAge_f.jpg']);
  });
});

describe('afad', () => {
  it('reads age and gender from the folders, below whatever folder they are', async () => {
    const source = await dataFolder([
      'AFAD-Full/15/111/109318-0.jpg',
      'AFAD-Full/15/112/109318-0.jpg',
      'AFAD-Full/40/112/7-1.jpg',
      'AFAD-Full/40/113/7-1.jpg',
      'AFAD-Full/logo.jpg',
    ]);
    const { labels, rejections } = await readAll(afad, source);
    expect(labels).toEqual([
      { path: 'AFAD-Full/15/111/109318-0.jpg', age: { age: 15 }, gender: 'male', identity: '109318' },
      { path: 'AFAD-Full/15/112/109318-0.jpg', age: { age: 15 }, gender: 'female', identity: '109318' },
      { path: 'AFAD-Full/40/112/7-1.jpg', age: { age: 40 }, gender: 'female', identity: '7' },
    ]);
    expect(rejections.map(({ path, reason }) => [path, reason])).toEqual([
      ['AFAD-Full/40/113/7-1.jpg', 'bad name'],
      ['AFAD-Full/logo.jpg', 'bad name'],
    ]);
  });
});

describe('folders', () => {
  it('reads an age or a range from the nearest folder that is named by one', async () => {
    const source = await dataFolder([
      '25/a.jpg',
      '20-29/b.png',
      '60+/c.jpg',
      'train/31/group/d.webp',
      'e.jpg',
      '200/f.jpg',
    ]);
    const { labels, rejections } = await readAll(folders, source);
    expect(labels).toEqual([
      { path: '20-29/b.png', age: { from: 20, to: 29 } },
      { path: '25/a.jpg', age: { age: 25 } },
      { path: '60+/c.jpg', age: { from: 60, to: 100 } },
      { path: 'train/31/group/d.webp', age: { age: 31 } },
    ]);
    expect(rejections.map(({ path, reason }) => [path, reason])).toEqual([
      ['200/f.jpg', 'age out of range'],
      ['e.jpg', 'bad name'],
    ]);
  });

  it('keeps pictures of one name in folders of two ages', async () => {
    const source = await dataFolder(['25/a.jpg', '26/a.jpg']);
    expect((await readAll(folders, source)).labels).toHaveLength(2);
  });
});
