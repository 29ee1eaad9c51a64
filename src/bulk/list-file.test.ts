import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ListStart, listedPictures } from './list-file.js';

let folder: string;
let list: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-list-'));
  list = join(folder, 'list.txt');
  await writeFile(list, '\ufeffa.jpg\r\n\nsub/ä b.jpg\n/abs/c.jpg\nhttps://example.org/d.jpg\nlast.jpg');
});
afterAll(() => rm(folder, { recursive: true }));

async function read(start?: ListStart) {
  const found = [];
  for await (const one of listedPictures(list, start)) found.push(one);
  return found;
}

it('has a path on each line, relative to the folder of the list', async () => {
  expect((await read()).map(({ index, file, picture }) => [index, file, picture])).toEqual([
    [0, 'a.jpg', join(folder, 'a.jpg')],
    [1, 'sub/ä b.jpg', join(folder, 'sub/ä b.jpg')],
    [2, '/abs/c.jpg', '/abs/c.jpg'],
    [3, 'https://example.org/d.jpg', 'https://example.org/d.jpg'],
    [4, 'last.jpg', join(folder, 'last.jpg')],
  ]);
});

it('can be resumed at any line', async () => {
  const all = await read();
  for (const [i, { end, index }] of all.entries()) {
    expect(await read({ byte: end, index: index + 1 })).toEqual(all.slice(i + 1));
  }
});

it('is refused in one sentence if it cannot be read', async () => {
  await expect(listedPictures(join(folder, 'no.txt')).next()).rejects.toThrow(
    /no\.txt: expected a list of pictures, one path a line, found no such file$/,
  );
});
