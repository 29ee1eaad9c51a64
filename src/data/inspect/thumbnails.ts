/** Small copies of single rows' pictures, as addresses that hold them. */
import sharp from 'sharp';
import { decodeBytes } from '../../vision/node.js';
import { severalAtOnce } from '../at-once.js';
import type { InspectedStore } from './inspect.js';
import type { Inspection } from './types.js';

/** Pixels on each side: twice what the page shows, for dense screens. */
const SIZE = 128;
const QUALITY = 70;
const AT_ONCE = 4;

/** Thumbnails by row number for all rows shown by an inspection; unreadable pictures have none. */
export async function thumbnails(
  store: InspectedStore,
  inspection: Inspection,
): Promise<Map<number, string>> {
  const { suspicious, samples } = inspection;
  const shown = [
    ...suspicious.conflicts.worst.flatMap(({ rows }) => rows),
    ...suspicious.extreme.oldest,
    ...samples.flatMap(({ rows }) => rows),
  ];
  const made = new Map<number, string>();
  await severalAtOnce(new Set(shown.map(({ index }) => index)), AT_ONCE, async (row) => {
    const address = await pictureThumbnail(await store.image(row));
    if (address !== undefined) made.set(row, address);
  });
  return made;
}

/** A small square copy as a URL that begins with `data:image/`; undefined if the picture cannot be read. */
export async function pictureThumbnail(picture: Uint8Array): Promise<string | undefined> {
  try {
    const resize = { width: SIZE, height: SIZE, fit: 'cover', withoutEnlargement: true } as const;
    const { width, height, data } = await decodeBytes(picture, 'picture', { resize });
    const webp = await sharp(data, { raw: { width, height, channels: 3 } })
      .webp({ quality: QUALITY })
      .toBuffer();
    return `data:image/webp;base64,${webp.toString('base64')}`;
  } catch {
    return undefined;
  }
}
