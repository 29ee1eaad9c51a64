import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { fgNet } from '../sets/fg-net.js';

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
        detail: 'expected a person, the letter A and an age, as in 001A02.JPG; found 002A.JPG',
      },
    ]);
  });
});
