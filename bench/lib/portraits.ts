/** Portraits of UTKFace, with which estimates are timed. */
import path from 'node:path';
import { findShared, listImages } from './paths.js';
import { open, pad, readPixels } from './pixels.js';
import { sample } from './random.js';

export const PORTRAITS_SEED = 3;
const MARGIN = 0.4;
const JPEG_QUALITY = 95;

/** Writes `count` chips, with 40% of continued edge on each side, as files into a folder; none if UTKFace is absent. */
export async function makePortraits(folder: string, count: number): Promise<string[]> {
  const utkface = findShared('data', 'utkface');
  if (utkface === undefined) return [];
  const files: string[] = [];
  for (const chip of sample(await listImages(utkface), count, PORTRAITS_SEED)) {
    const file = path.join(folder, `${files.length}.jpg`);
    const portrait = await pad(await readPixels(chip), MARGIN, 'copy');
    await open(portrait).jpeg({ quality: JPEG_QUALITY }).toFile(file);
    files.push(file);
  }
  return files;
}
