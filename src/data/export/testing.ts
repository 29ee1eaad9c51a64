/** A store of a few pictures of one colour each, for tests. */
import sharp from 'sharp';
import { type NewRow, StoreWriter } from '../store/index.js';

export const SIDE = 8;

/** Red, green and blue of a row's picture. */
export const colour = (row: number): number[] => [10 * row, 255 - row, 7];

const LABELS: readonly Partial<NewRow>[] = [
  {
    age: { age: 20 },
    gender: 'female',
    identity: 'Zoë',
    faceBox: { x: 1, y: 2, width: 6, height: 7 },
  },
  { age: { age: 31.5, std: 2.25 }, gender: 'male', identity: '章子怡' },
  { age: { from: 60, to: 69 } },
  { gender: 'female', identity: 'Zoë' },
  { age: { age: 3 }, gender: 'male' },
];

export const ROWS = LABELS.length;

export async function writeStore(folder: string): Promise<string> {
  const writer = await StoreWriter.create(folder, {
    origin: {
      id: 'tiny',
      title: 'Tiny faces',
      homepage: 'https://example.org/tiny',
      citation: 'Nobody, 2020',
      terms: 'Anything',
      labels: 'exact age',
    },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (const [row, labels] of LABELS.entries()) {
    const [r, g, b] = colour(row) as [number, number, number];
    const background = { r, g, b };
    const image = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } })
      .png()
      .toBuffer();
    await writer.append({ path: `ä ${row}.png`, image, ...labels });
  }
  await writer.finish({ threshold: 3, groups: [] });
  return folder;
}
