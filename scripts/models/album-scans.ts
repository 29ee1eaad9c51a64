/**
 * Copies pictures of a data set as an album's prints look when they are scanned, to see how a model stands them:
 *
 *     npx tsx scripts/models/album-scans.ts PICTURES OUT [--list scripts/models/split/utkface.txt] [--part test]
 *
 * writes OUT/plain, OUT/grey, OUT/faded, OUT/grainy and OUT/low-contrast, each in the layout of the set, so that
 * `agewise evaluate --data OUT/grey` measures the same faces as `--data OUT/plain`. The copies are the same each time.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { Random } from '../../src/random/index.js';
import { listedHashes, nameHash } from './split-list.js';

const QUALITY = 92;

/** What a pixel [r, g, b] in 0..255 becomes; `noise` is of a normal distribution with a standard deviation of 1. */
type Change = (rgb: readonly [number, number, number], noise: number) => readonly [number, number, number];

/** Rec. 601. */
const luma = ([r, g, b]: readonly [number, number, number]) => 0.299 * r + 0.587 * g + 0.114 * b;

const CHANGES: Readonly<Record<string, Change>> = {
  grey: (rgb) => {
    const value = luma(rgb);
    return [value, value, value];
  },
  // Less colour, lifted shadows, dimmed lights, a yellow tint.
  faded: (rgb) => {
    const grey = luma(rgb);
    const [r, g, b] = rgb.map((value) => 128 + 0.6 * (grey + 0.45 * (value - grey) - 128) + 22);
    return [r! + 8, g!, b! - 18];
  },
  grainy: ([r, g, b], noise) => [r + 14 * noise, g + 14 * noise, b + 14 * noise],
  'low-contrast': ([r, g, b]) => [128 + 0.4 * (r - 128), 128 + 0.4 * (g - 128), 128 + 0.4 * (b - 128)],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'string', default: join(import.meta.dirname, 'split/utkface.txt') },
    part: { type: 'string', default: 'test' },
  },
});
const [pictures, out] = positionals;
if (pictures === undefined || out === undefined) {
  throw new Error('usage: album-scans.ts PICTURES OUT [--list FILE] [--part NAME]');
}

const wanted = await listedHashes(values.list, values.part);
let count = 0;
for (const name of await readdir(pictures, { recursive: true })) {
  const isPicture = /\.(jpe?g|png)$/i.test(name);
  const hash = nameHash(name);
  // Files beside the pictures hold their labels.
  if (isPicture ? !wanted.has(hash) : !/\.(txt|csv)$/.test(name)) continue;
  const bytes = await readFile(join(pictures, name));
  await write('plain', name, bytes);
  if (!isPicture) {
    for (const change of Object.keys(CHANGES)) await write(change, name, bytes);
    continue;
  }
  const { data, info } = await sharp(bytes)
    .rotate()
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (const [change, of] of Object.entries(CHANGES)) {
    const random = new Random(Number.parseInt(hash, 16));
    const changed = Buffer.from(data);
    for (let i = 0; i < data.length; i += 3) {
      const rgb = of([data[i]!, data[i + 1]!, data[i + 2]!], random.normal());
      for (let c = 0; c < 3; c++) changed[i + c] = Math.max(0, Math.min(255, Math.round(rgb[c]!)));
    }
    const { width, height } = info;
    const scan = sharp(changed, { raw: { width, height, channels: 3 } });
    await write(change, name, await scan.jpeg({ quality: QUALITY }).toBuffer());
  }
  count++;
}
console.log(`${out}: ${count} pictures, as they are and in ${Object.keys(CHANGES).length} ways`);

async function write(change: string, name: string, bytes: Uint8Array): Promise<void> {
  const file = join(out!, change, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
