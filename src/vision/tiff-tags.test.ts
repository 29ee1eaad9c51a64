import { expect, it } from 'vitest';
import { tiffTags } from './tiff-tags.js';

it('reads no more numbers than a TIFF file has bytes, whatever its tags claim', () => {
  const [first, entries] = [300, 2];
  const file = Buffer.alloc(64);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(entries, 8);
  for (let i = 0; i < entries; i++) {
    const at = 10 + 12 * i;
    file.writeUInt16LE(first + i, at);
    file.writeUInt16LE(1, at + 2);
    file.writeUInt32LE(file.length, at + 4);
  }
  expect(tiffTags(file)).toEqual(new Map([[first, [...file]]]));
});
