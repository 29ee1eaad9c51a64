import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { afad } from '../sets/afad.js';

describe('afad', () => {
  it('reads age and gender from the folders, below any folder', async () => {
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
