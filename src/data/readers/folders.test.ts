import { describe, expect, it } from 'vitest';
import { dataFolder, readAll } from '../../../test/support/data-folder.js';
import { folders } from '../sets/folders.js';

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
