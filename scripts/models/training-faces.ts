/** Some faces of the training parts of stores, as input of a network. */
import { Loader, StoreUnion } from '../../src/data/index.js';
import type { NetworkInput } from '../../src/metadata/index.js';
import { Random } from '../../src/random/index.js';
import { floatTensor, type Tensor } from '../../src/runtime/index.js';
import { rowsOfPart } from './part-rows.js';

/** The crop in the recipes of the shipped models. */
const FRAMING = { layout: 'NCHW', margin: 0.1, crop: 'square', alignment: 'roll' } as const;
const SEED = 1;

/** @returns `[count, 3, H, W]` */
export async function trainingFaces(
  folders: readonly string[],
  { width, height, color, mean, scale }: NetworkInput,
  count: number,
): Promise<Tensor> {
  const stores = await StoreUnion.open(folders);
  try {
    const rows = await rowsOfPart(stores, 'hash', 'train');
    const chosen = new Random(SEED).shuffle(rows).slice(0, count).sort();
    const input = { width, height, color, mean, scale, ...FRAMING };
    const loader = await Loader.create(stores, {
      input,
      batch: chosen.length,
      rows: chosen,
      sampling: 'stored',
    });
    try {
      for await (const { images, rows: read } of loader.batches({ epochs: 1 })) {
        const values = images.slice(0, read.length * 3 * height * width);
        return floatTensor(values, [read.length, 3, height, width]);
      }
      throw new Error(`${stores.folder}: expected faces to learn from, found none`);
    } finally {
      await loader.close();
    }
  } finally {
    await stores.close();
  }
}
