/** The speed of the import, compared with plain sharp on the same pictures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { importDataset, readerOf } from '../../src/data/index.js';
import { copies } from './copies.js';
import { listImages, requireShared } from './paths.js';
import { sample } from './random.js';
import { formatTable, type Requirement } from './report.js';
import { median } from './statistics.js';
import { timeInterleaved } from './timing.js';
import { parseUtkFaceName } from './utkface.js';

const PICTURES = 1500;
const SEED = 4;
const SIDE = 128;
const QUALITY = 90;
const ROUNDS = 7;
/** Pictures that bare sharp has in hand at once: twice as many as libuv has threads. */
const IN_HAND = 8;

/** Prints pictures per second; returns the requirements. */
export async function importBench(): Promise<readonly Requirement[]> {
  const files = await listImages(requireShared('data', 'utkface'));
  const labelled = files.filter((file) => parseUtkFaceName(file) !== undefined);
  const folder = await mkdtemp(path.join(tmpdir(), 'agewise-bench-'));
  try {
    const source = path.join(folder, 'utkface');
    const pictures = await copies(sample(labelled, PICTURES, SEED), source);
    const times = await timeInterleaved(
      {
        sharp: () => convertAll(pictures),
        agewise: () => importAll(source, path.join(folder, 'store')),
      },
      { warmup: 1, rounds: ROUNDS },
    );
    const rate = (milliseconds: readonly number[]) => (1000 * PICTURES) / median(milliseconds);
    // One right after the other, so that disturbances slow both.
    const ratio = median(times.sharp.map((milliseconds, round) => milliseconds / times.agewise[round]!));
    console.log(`${PICTURES} pictures of UTKFace, to JPEG of ${SIDE} px and quality ${QUALITY}\n`);
    console.log(
      formatTable(
        ['', 'pictures/s'],
        [
          ['bare sharp: decode, resize, encode', rate(times.sharp).toFixed(0)],
          ['import: the same, checked, hashed and stored', rate(times.agewise).toFixed(0)],
        ],
      ),
    );
    console.log();
    return [
      {
        name: 'import, of bare sharp',
        measured: ratio,
        bound: 0.8,
        kind: 'at least',
        format: (value) => value.toFixed(2),
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function convertAll(files: readonly string[]): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < files.length) {
      await sharp(files[next++]).resize(SIDE, SIDE).jpeg({ quality: QUALITY }).toBuffer();
    }
  };
  await Promise.all(Array.from({ length: IN_HAND }, work));
}

async function importAll(source: string, store: string): Promise<void> {
  const pictures = { size: SIDE, quality: QUALITY };
  await importDataset(source, store, { reader: readerOf('utkface'), pictures, overwrite: true });
}
