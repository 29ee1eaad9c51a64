/**
 * The acceptance test of the face detector: how many of YuNet's faces it finds, on photographs and on altered copies of
 * them, and its time compared with YuNet's.
 *
 *     npm run bench:detect [-- NAME] [--portraits 500] [--rounds 20] [--times]
 *
 * NAME is one of DETECTORS; `--times` measures times alone
 *
 * Found and false: detections and YuNet's boxes (full resolution, score ≥ 0.6) are matched one to one at
 * IoU ≥ 0.4 so that as many as possible are found (maximum bipartite matching). YuNet's faces below 24 px
 * do not count: a detection that matches one is neither found nor false. The share of false ones is among the detections
 * that count, found + false.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Box, PixelImage } from '../src/vision/index.js';
import { DEFAULT_DETECTOR, DETECTORS, type Detector } from './detectors.js';
import { readDlibBoxes } from './lib/dlib-boxes.js';
import { type Agreement, compareBoxes, matchBoxes, sumAgreements } from './lib/matching.js';
import { listImages, requireShared } from './lib/paths.js';
import { type Border, COPIES, pad, readPixels, resize } from './lib/pixels.js';
import { sample } from './lib/random.js';
import {
  bar,
  formatTable,
  percent,
  positiveNumber,
  type Requirement,
  runBenchmark,
  UsageError,
} from './lib/report.js';
import { median } from './lib/statistics.js';
import { TIMED_PHOTOS, TIMED_SIZES } from './lib/timed-detection.js';
import { timeInterleaved } from './lib/timing.js';
import { recordExecutions, timeExecutions } from './peers/executions.js';
import { YuNet } from './reference/yunet.js';

const MIN_IOU = 0.4;
/** The side of a square as large as the box, in pixels. */
const MIN_FACE_SIZE = 24;
const MIN_FOUND = 0.95;
const MIN_FOUND_ON_COPIES = 0.92;
const MAX_FALSE = 0.05;

const DOGS = 'dogs.jpg';

const PORTRAITS = '500';
const PORTRAITS_SEED = 1;
const PORTRAIT_MARGIN = 0.4;
/** Continued edges are what a crop at the picture's edge holds; a black border leaves the chip's own edge in. */
const PORTRAIT_BORDERS: readonly Border[] = ['copy', 'black'];
const MIN_PORTRAITS_FOUND = 0.99;

const THREADS = 2;
const WARMUP_ROUNDS = 3;
const ROUNDS = '20';
const MAX_TIME_RATIO = 1;

interface Photo {
  readonly name: string;
  readonly image: PixelImage;
  readonly references: readonly Box[];
}

await runBenchmark(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      portraits: { type: 'string', default: PORTRAITS },
      rounds: { type: 'string', default: ROUNDS },
      times: { type: 'boolean', default: false },
    },
  });
  const [portraits, rounds] = [
    positiveNumber('--portraits', values.portraits),
    positiveNumber('--rounds', values.rounds),
  ];
  const [name = DEFAULT_DETECTOR] = positionals;
  const load = DETECTORS[name];
  if (load === undefined) {
    throw new UsageError(`detector: expected one of ${Object.keys(DETECTORS).join(', ')}, found '${name}'`);
  }
  const yunet = await YuNet.load({ threads: THREADS });
  const detector = await load({ threads: THREADS });
  console.log(`Detector: ${name}; reference: YuNet; threads: ${THREADS} for each\n`);

  const requirements: Requirement[] = [];
  if (!values.times) {
    requirements.push(
      ...(await compareOnPhotos(detector, await readPhotos(yunet))),
      ...(await compareOnAnnotations(detector, yunet)),
      ...(await compareOnDogs(detector, yunet)),
      ...(await comparePortraits(detector, yunet, portraits)),
    );
  }
  requirements.push(...(await compareTimes(detector, yunet, name, rounds)));
  await detector.dispose();
  await yunet.dispose();
  return requirements;
});

/** The photographs with YuNet's boxes, the dogs apart. */
async function readPhotos(yunet: YuNet): Promise<Photo[]> {
  const files = [
    ...(await listImages(requireShared('photos', 'group'))),
    ...(await listImages(requireShared('photos', 'dlib'))),
  ].filter((file) => path.basename(file) !== DOGS);
  const photos: Photo[] = [];
  for (const file of files) {
    const image = await readPixels(file);
    photos.push({ name: path.basename(file), image, references: boxes(await yunet.detect(image)) });
  }
  return photos;
}

async function compareOnPhotos(detector: Detector, photos: readonly Photo[]): Promise<Requirement[]> {
  const rows: string[][] = [];
  const single: Agreement[] = [];
  for (const { name, image, references } of photos) {
    const agreement = compare(boxes(await detector.detect(image)), references);
    single.push(agreement);
    rows.push(agreementRow(name, agreement));
  }
  const whole = sumAgreements(single);
  const requirements = agreementRequirements('photographs', whole, MIN_FOUND);
  rows.push(agreementRow('all photographs', whole));

  for (const [kind, alter] of Object.entries(COPIES)) {
    const agreements: Agreement[] = [];
    for (const { image, references } of photos) {
      const copy = await alter(image);
      agreements.push(compare(boxes(await detector.detect(copy.image)), references.map(copy.map)));
    }
    const sum = sumAgreements(agreements);
    requirements.push(...agreementRequirements(kind, sum, MIN_FOUND_ON_COPIES));
    rows.push(agreementRow(kind, sum));
  }
  console.log(
    formatTable(['photographs', `faces ≥ ${MIN_FACE_SIZE} px`, 'found', 'share', 'false', ''], rows),
  );
  return requirements;
}

/** People marked these boxes, so that YuNet's own misses count here. */
async function compareOnAnnotations(detector: Detector, yunet: YuNet): Promise<Requirement[]> {
  const annotations = await readDlibBoxes(requireShared('photos', 'dlib', 'training.xml'));
  let total = 0;
  let ours = 0;
  let theirs = 0;
  for (const [file, marked] of annotations) {
    const image = await readPixels(requireShared('photos', 'dlib', file));
    total += marked.length;
    ours += countMatched(boxes(await detector.detect(image)), marked);
    theirs += countMatched(boxes(await yunet.detect(image)), marked);
  }
  const format = (count: number) => `${count} of ${total}`;
  return [{ name: 'boxes of training.xml', measured: ours, bound: theirs, kind: 'at least', format }];
}

async function compareOnDogs(detector: Detector, yunet: YuNet): Promise<Requirement[]> {
  const image = await readPixels(requireShared('photos', 'dlib', DOGS));
  const found = await detector.detect(image);
  console.log(`\nFaces on the dogs: ${found.length}; YuNet ${(await yunet.detect(image)).length}`);
  return [{ name: 'faces on the dogs', measured: found.length, bound: 0, kind: 'at most', format: String }];
}

/** A portrait is found where the centre of a detected box lies inside the original chip. */
async function comparePortraits(detector: Detector, yunet: YuNet, count: number): Promise<Requirement[]> {
  const files = sample(await listImages(requireShared('data', 'utkface')), count, PORTRAITS_SEED);
  const requirements: Requirement[] = [];
  const rows: string[][] = [];
  for (const border of PORTRAIT_BORDERS) {
    let found = 0;
    let several = 0;
    let foundByYunet = 0;
    for (const file of files) {
      const chip = await readPixels(file);
      const image = await pad(chip, PORTRAIT_MARGIN, border);
      const detections = boxes(await detector.detect(image));
      const isInside = (box: Box) => centreIsInside(box, chip, image);
      if (detections.some(isInside)) found++;
      if (detections.length > 1) several++;
      if (boxes(await yunet.detect(image)).some(isInside)) foundByYunet++;
    }
    const share = found / files.length;
    rows.push([
      `border: ${border}`,
      String(files.length),
      String(found),
      percent(share),
      String(several),
      percent(foundByYunet / files.length),
    ]);
    requirements.push({
      name: `UTKFace, border ${border}`,
      measured: share,
      bound: MIN_PORTRAITS_FOUND,
      kind: 'at least',
      format: percent,
    });
  }
  const title = `UTKFace (seed ${PORTRAITS_SEED}), ${percent(PORTRAIT_MARGIN)} added on each side`;
  console.log(`\n${formatTable([title, 'chips', 'found', 'share', 'several faces', 'YuNet finds'], rows)}`);
  return requirements;
}

/**
 * From pixels to boxes; YuNet's time includes the change of layout and the padding to multiples of 32. The same network
 * executions are also timed by themselves.
 */
async function compareTimes(
  detector: Detector,
  yunet: YuNet,
  name: string,
  count: number,
): Promise<Requirement[]> {
  const requirements: Requirement[] = [];
  const rows: string[][] = [];
  for (const [width, height] of TIMED_SIZES) {
    const images: PixelImage[] = [];
    for (const photo of TIMED_PHOTOS) {
      images.push(await resize(await readPixels(requireShared('photos', 'group', photo)), width, height));
    }
    const detect = (who: Detector) => async () => {
      for (const image of images) await who.detect(image);
    };
    const networks = async (who: Detector) => {
      const executions = await recordExecutions(detect(who));
      return () => timeExecutions(executions);
    };
    const times = await timeInterleaved(
      {
        detector: detect(detector),
        yunet: detect(yunet),
        detectorNetworks: await networks(detector),
        yunetNetworks: await networks(yunet),
      },
      { warmup: WARMUP_ROUNDS, rounds: count },
    );
    const perImage = (values: readonly number[]) => median(values) / images.length;
    const ours = perImage(times.detector);
    const theirs = perImage(times.yunet);
    const size = `${width}×${height}`;
    const slower = Math.max(ours, theirs);
    // Ratios within each round, since disturbances affect both turns of a round.
    const ratio = median(times.detector.map((time, round) => time / times.yunet[round]!));
    for (const [who, whole, bare] of [
      [name, ours, times.detectorNetworks],
      ['YuNet', theirs, times.yunetNetworks],
    ] as const) {
      rows.push([`${size} ${who}`, whole.toFixed(1), perImage(bare).toFixed(1), bar(whole / slower)]);
    }
    requirements.push({
      name: `time at ${size} beside YuNet's`,
      measured: ratio,
      bound: MAX_TIME_RATIO,
      kind: 'at most',
      format: (value) => `${value.toFixed(2)}×`,
    });
  }
  const unit = `median of ${count} rounds over ${TIMED_PHOTOS.length} photographs, taking turns`;
  console.log(`\n${formatTable([`ms an image, ${unit}`, 'whole', 'network alone', ''], rows)}`);
  return requirements;
}

function boxes(faces: readonly { readonly box: Box }[]): Box[] {
  return faces.map(({ box }) => box);
}

function compare(detections: readonly Box[], references: readonly Box[]): Agreement {
  return compareBoxes(detections, references, { minIou: MIN_IOU, minSize: MIN_FACE_SIZE });
}

function countMatched(detections: readonly Box[], marked: readonly Box[]): number {
  return matchBoxes(detections, marked, MIN_IOU).filter((index) => index !== undefined).length;
}

function centreIsInside(box: Box, chip: PixelImage, padded: PixelImage): boolean {
  const x = box.x + box.width / 2 - (padded.width - chip.width) / 2;
  const y = box.y + box.height / 2 - (padded.height - chip.height) / 2;
  return x >= 0 && x < chip.width && y >= 0 && y < chip.height;
}

/** If nothing is expected, everything is found; if nothing is detected, nothing is false. */
function shares({ expected, found, false: wrong }: Agreement): { found: number; false: number } {
  return {
    found: expected === 0 ? 1 : found / expected,
    false: found + wrong === 0 ? 0 : wrong / (found + wrong),
  };
}

function agreementRow(name: string, agreement: Agreement): string[] {
  const { found } = shares(agreement);
  return [
    name,
    String(agreement.expected),
    String(agreement.found),
    percent(found),
    String(agreement.false),
    bar(found),
  ];
}

function agreementRequirements(name: string, agreement: Agreement, minFound: number): Requirement[] {
  const share = shares(agreement);
  const format = percent;
  return [
    { name: `${name}: found`, measured: share.found, bound: minFound, kind: 'at least', format },
    { name: `${name}: false`, measured: share.false, bound: MAX_FALSE, kind: 'at most', format },
  ];
}
