import { expect, it } from 'vitest';
import { nodePictures } from './node-pictures.js';

it.each(['http://a.org/b.jpg', 'HTTPS://a.org/b.jpg', 'ftp://a/b.jpg', 's3://bucket/key.jpg'])(
  '%s is not downloaded',
  async (address) => {
    await expect(nodePictures.locate(address)).rejects.toThrow(
      `${address}: expected a file, found a URL, which is not downloaded`,
    );
  },
);

it('a path stays one, even with a colon, and a file: URL becomes one', async () => {
  expect(await nodePictures.locate('C:/photos/a.jpg')).toBe('C:/photos/a.jpg');
  expect(await nodePictures.locate('10:30.jpg')).toBe('10:30.jpg');
  expect(await nodePictures.locate('note:b.jpg')).toBe('note:b.jpg');
  if (process.platform !== 'win32') {
    expect(await nodePictures.locate('file:///photos/a%20b.jpg')).toBe('/photos/a b.jpg');
  }
});
