/**
 * The speed of the import, compared with plain sharp on the same pictures; with faces cut out by the detector, compared with
 * decoding, detection and re-encoding alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { importDataset, type PictureChanges, readerOf } from '../../src/data/index.js';
import { loadFaceDetector } from '../../src/estimate/node.js';
import { type DetectedFace, type FaceDetector, findFaces, type PixelImage } from '../../src/vision/index.js';
import { copies } from './copies.js';
import { listImages, requireShared } from './paths.js';
import { sample } from './random.js';
import { formatTable, type Requirement } from './report.js';
import { median } from './statistics.js';
import { timeInterleaved } from './timing.js';
import { parseUtkFaceName } from './utkface.js';

const SEED = 4;
const SIDE = 128;
const QUALITY = 90;
/** Of the face's box, on each side. */
const MARGIN = 0.4;
/** Pictures that bare sharp has in hand at once: twice as many as libuv has threads. */
const IN_HAND = 8;
/** Detection takes ten times as long as all the rest. */
const DETECTED_SHARE = 1 / 5;

export interface ImportBenchOptions {
  readonly pictures: number;
  readonly rounds: number;
}

/** Prints pictures per second; returns the requirements. */
export async function importBench(options: ImportBenchOptions): Promise<readonly Requirement[]> {
  const plain = await compare({
    ...options,
    title: `to JPEG of ${SIDE} px and quality ${QUALITY}`,
    alone: ['bare sharp: decode, resize, encode', convertAll],
    whole: ['import: the same, checked, hashed and stored', importAll],
    requirement: 'import, of bare sharp',
  });
  const detector = await loadFaceDetector();
  const detected = await compare({
    ...options,
    pictures: Math.ceil(options.pictures * DETECTED_SHARE),
    title: `their faces cut out to JPEG of ${SIDE} px and quality ${QUALITY}`,
    alone: ['decode, detect, cut out, encode', (files) => cutOutAll(files, detector)],
    whole: [
      'import --detect: the same, checked, hashed and stored',
      (...paths) => importAll(...paths, detector),
    ],
    requirement: 'import --detect, of detection and re-encoding alone',
  });
  await detector.dispose();
  return [plain, detected];
}

interface Rivals extends ImportBenchOptions {
  readonly title: string;
  readonly alone: readonly [string, (files: readonly string[]) => Promise<void>];
  readonly whole: readonly [string, (source: string, store: string) => Promise<void>];
  readonly requirement: string;
}

async function compare({
  pictures: count,
  rounds,
  title,
  alone,
  whole,
  requirement,
}: Rivals): Promise<Requirement> {
  const files = await listImages(requireShared('data', 'utkface'));
  const labelled = files.filter((file) => parseUtkFaceName(file) !== undefined);
  const folder = await mkdtemp(path.join(tmpdir(), 'agewise-bench-'));
  try {
    const source = path.join(folder, 'utkface');
    const pictures = await copies(sample(labelled, count, SEED), source);
    const times = await timeInterleaved(
      {
        alone: () => alone[1](pictures),
        whole: () => whole[1](source, path.join(folder, 'store')),
      },
      { warmup: 1, rounds },
    );
    const rate = (milliseconds: readonly number[]) => ((1000 * count) / median(milliseconds)).toFixed(0);
    const rows = [
      [alone[0], rate(times.alone)],
      [whole[0], rate(times.whole)],
    ];
    console.log(`${count} pictures of UTKFace, ${title}\n\n${formatTable(['', 'pictures/s'], rows)}\n`);
    return {
      name: requirement,
      // One right after the other, so that disturbances slow both.
      measured: median(times.alone.map((milliseconds, round) => milliseconds / times.whole[round]!)),
      bound: 0.8,
      kind: 'at least',
      format: (value) => value.toFixed(2),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function inHand(files: readonly string[], work: (file: string) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < files.length) await work(files[next++]!);
  };
  await Promise.all(Array.from({ length: IN_HAND }, one));
}

const convertAll = (files: readonly string[]): Promise<void> =>
  inHand(files, (file) => sharp(file).resize(SIDE, SIDE).jpeg({ quality: QUALITY }).toBuffer());

const cutOutAll = (files: readonly string[], detector: FaceDetector): Promise<void> =>
  inHand(files, async (file) => {
    const { data, info } = await sharp(file)
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const image: PixelImage = { data, width, height };
    const [face] = await findFaces(detector, image, { turn: true });
    if (face !== undefined) await cutOut(face.turned, face.region);
  });

/** The square around the face, cut off at the picture's edges. */
async function cutOut({ data, width, height }: PixelImage, { box }: DetectedFace): Promise<Buffer> {
  const side = Math.max(box.width, box.height) * (1 + 2 * MARGIN);
  const left = Math.max(0, Math.round(box.x + box.width / 2 - side / 2));
  const top = Math.max(0, Math.round(box.y + box.height / 2 - side / 2));
  const area = {
    left,
    top,
    width: Math.max(1, Math.min(Math.round(side), width - left)),
    height: Math.max(1, Math.min(Math.round(side), height - top)),
  };
  return sharp(data, { raw: { width, height, channels: 3 } })
    .extract(area)
    .resize(SIDE, SIDE)
    .jpeg({ quality: QUALITY })
    .toBuffer();
}

async function importAll(source: string, store: string, detector?: FaceDetector): Promise<void> {
  const crop: PictureChanges = detector
    ? { crop: { by: 'detector', margin: MARGIN, alignment: 'none' } }
    : {};
  await importDataset(source, store, {
    reader: readerOf('utkface'),
    pictures: { size: SIDE, quality: QUALITY, ...crop },
    overwrite: true,
    ...(detector && { detector }),
  });
}
