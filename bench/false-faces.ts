/**
 * False detections in pictures without faces, and the faces lost by avoiding them.
 *
 *     npm run bench:false-faces [-- --drawings 20] [--seed 1] [--kind NAME ...]
 *
 * Drawings of each kind in bench/lib/drawings.ts, or of the kinds that are named alone, three times as many of lights out of
 * focus, and a photograph of such lights contain no face: a picture with any detection counts once. The detector's evidence was
 * fitted to drawings of the same kinds but other seeds; scripts/models/fit-evidence.ts prints how it judges kinds that it
 * was not fitted to. Also counted: faces that are found without the second look (src/vision/second-look.ts) but lost by it, on
 * photographs and on crops of one face each.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findFaces, type PixelImage } from '../src/vision/index.js';
import { DETECTORS, type Detector } from './detectors.js';
import { DRAWING_KINDS, type DrawingKind, drawing } from './lib/drawings.js';
import { matchBoxes } from './lib/matching.js';
import { findShared, listImages } from './lib/paths.js';
import { pad, readPixels } from './lib/pixels.js';
import { sample } from './lib/random.js';
import { formatTable, percent, type Requirement, runBenchmark, UsageError } from './lib/report.js';
import { YuNet } from './reference/yunet.js';

const THREADS = 2;
const LIGHTS_TIMES = 3;
const MAX_FALSE = 0.01;
const FACES = 200;
const FACES_SEED = 11;
const MARGIN = 0.4;
const MAX_LOST = 0.005;
const MIN_IOU = 0.4;

/** The detector's default, below which there is no second look. */
const MIN_SCORE = 0.45;
const WITHOUT_SECOND_LOOK = MIN_SCORE - 1e-6;

await runBenchmark(async () => {
  const { values } = parseArgs({
    options: {
      drawings: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      kind: { type: 'string', multiple: true },
    },
  });
  const [count, seed] = [Number(values.drawings), Number(values.seed)];
  if (!(Number.isInteger(count) && count > 0 && Number.isInteger(seed))) {
    throw new UsageError(
      `drawings and seed: expected whole numbers, found ${values.drawings}, ${values.seed}`,
    );
  }
  const kinds =
    values.kind === undefined ? DRAWING_KINDS : DRAWING_KINDS.filter((kind) => values.kind!.includes(kind));
  const unknown = values.kind?.find((kind) => !kinds.some((known) => known === kind));
  if (unknown !== undefined) {
    throw new UsageError(`kind: expected one of ${DRAWING_KINDS.join(', ')}, found '${unknown}'`);
  }
  const detector = await DETECTORS.agewise!({ threads: THREADS });
  const requirements = await onDrawings(detector, kinds, count, seed);
  if (values.kind === undefined) requirements.push(...(await onFaces(detector)));
  await detector.dispose();
  return requirements;
});

async function onDrawings(
  detector: Detector,
  kinds: readonly DrawingKind[],
  count: number,
  seed: number,
): Promise<Requirement[]> {
  const rows: string[][] = [];
  const requirements: Requirement[] = [];
  const share = (name: string, measured: number): void => {
    requirements.push({
      name: `${name}: with a face`,
      measured,
      bound: MAX_FALSE,
      kind: 'at most',
      format: percent,
    });
  };
  const sums = { pictures: 0, before: 0, after: 0 };
  let worst = 0;
  for (const kind of kinds) {
    const pictures = kind === 'lights' ? LIGHTS_TIMES * count : count;
    let before = 0;
    let after = 0;
    for (let n = 0; n < pictures; n++) {
      const image = await drawing(kind, seed + n);
      const candidates = await findFaces(detector, image, { turn: true, minScore: WITHOUT_SECOND_LOOK });
      // The second look only takes candidates away.
      if (candidates.length === 0) continue;
      before++;
      if ((await findFaces(detector, image, { turn: true })).length > 0) after++;
    }
    rows.push([kind, String(pictures), String(before), String(after), percent(after / pictures)]);
    worst = Math.max(worst, after / pictures);
    sums.pictures += pictures;
    sums.before += before;
    sums.after += after;
  }
  rows.push(['all', ...Object.values(sums).map(String), percent(sums.after / sums.pictures)]);
  share('all drawings', sums.after / sums.pictures);
  share('the worst kind', worst);
  const header = [`drawings from seed ${seed}`, 'pictures', 'without second look', 'with a face', 'share'];
  console.log(formatTable(header, rows));

  const photograph = findShared('cases', 'pictures', 'no-face-real-lights.jpg');
  if (photograph !== undefined) {
    const found = await findFaces(detector, await readPixels(photograph), { turn: true });
    requirements.push({
      name: 'faces in a photograph of lights',
      measured: found.length,
      bound: 0,
      kind: 'at most',
      format: String,
    });
  }
  return requirements;
}

async function onFaces(detector: Detector): Promise<Requirement[]> {
  const rows: string[][] = [];
  const requirements: Requirement[] = [];
  const report = (name: string, found: number, lost: number, bound: number): void => {
    rows.push([name, String(found), String(lost)]);
    requirements.push({
      name: `${name}: lost`,
      measured: found === 0 ? 0 : lost / found,
      bound,
      kind: 'at most',
      format: percent,
    });
  };

  const photos = [findShared('photos', 'group'), findShared('photos', 'dlib')].filter((f) => f !== undefined);
  if (photos.length > 0) {
    const yunet = await YuNet.load({ threads: THREADS });
    let [found, lost] = [0, 0];
    for (const file of (await Promise.all(photos.map(listImages))).flat()) {
      const image = await readPixels(file);
      const known = (await yunet.detect(image)).map(({ box }) => box);
      const [all, kept] = await bothWays(detector, image);
      const matched = (boxes: typeof known) =>
        matchBoxes(boxes, known, MIN_IOU).filter((index) => index !== undefined).length;
      found += matched(all);
      lost += matched(all) - matched(kept);
    }
    await yunet.dispose();
    report("photographs, YuNet's faces", found, lost, 0);
  }
  const sets: [name: string, folder: string | undefined, read: (file: string) => Promise<PixelImage>][] = [
    ['UTKFace', findShared('data', 'utkface'), async (file) => pad(await readPixels(file), MARGIN, 'copy')],
    ['All-Age-Faces', findShared('data', 'all-age-faces', 'original images'), readPixels],
  ];
  for (const [name, folder, read] of sets) {
    if (folder === undefined) continue;
    const files = (await readdir(folder)).filter((file) => /\.jpg$/i.test(file)).sort();
    let [found, lost] = [0, 0];
    for (const file of sample(files, FACES, FACES_SEED)) {
      const [all, kept] = await bothWays(detector, await read(path.join(folder, file)));
      if (all.length > 0) found++;
      if (all.length > 0 && kept.length === 0) lost++;
    }
    report(name, found, lost, MAX_LOST);
  }
  if (rows.length > 0) console.log(`\n${formatTable(['faces', 'found', 'lost by the second look'], rows)}`);
  return requirements;
}

/** The boxes without the second look, and with it. */
async function bothWays(detector: Detector, image: PixelImage) {
  const boxes = async (options?: { readonly minScore: number }) =>
    (await detector.detect(image, options)).map(({ box }) => box);
  return [await boxes({ minScore: WITHOUT_SECOND_LOOK }), await boxes()] as const;
}
