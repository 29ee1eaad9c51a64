/** A store of pictures of UTKFace, for benchmarks of what reads stores. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { StoreWriter } from '../../src/data/index.js';
import { listImages, requireShared } from './paths.js';
import { sample } from './random.js';
import { parseUtkFaceName } from './utkface.js';

const SEED = 1;
const QUALITY = 90;

/** Writes a store of `count` pictures, re-encoded at `side` pixels, to a temporary folder. */
export async function writeFaceStore(
  count: number,
  side: number,
): Promise<{ folder: string; remove: () => Promise<void> }> {
  const files = await listImages(requireShared('data', 'utkface'));
  const labelled = files.filter((file) => parseUtkFaceName(file) !== undefined);
  const parent = await mkdtemp(path.join(tmpdir(), 'agewise-bench-'));
  const folder = path.join(parent, 'utkface');
  const writer = await StoreWriter.create(folder, {
    origin: { id: 'utkface', title: 'UTKFace', homepage: '', citation: '', terms: '', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: side, quality: QUALITY, crop: null } },
  });
  for (const file of sample(labelled, count, SEED)) {
    const { age, gender } = parseUtkFaceName(file)!;
    const image = await sharp(file).resize(side, side).jpeg({ quality: QUALITY }).toBuffer();
    await writer.append({ path: path.basename(file), image, age: { age }, gender });
  }
  await writer.finish({ threshold: 0, groups: [] });
  return { folder, remove: () => rm(parent, { recursive: true }) };
}
