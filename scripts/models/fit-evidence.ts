/**
 * Finds the weights by which the face detector tells faces from what only looks like one (face-evidence.json):
 *
 *     npx tsx scripts/models/fit-evidence.ts [--drawings 30] [--faces 500] [--out FILE]
 *
 * --drawings  drawings of each kind
 * --faces     pictures of each set
 *
 * A logistic regression on the detector's features, averaged over the views of its second look: of what it sees in drawings
 * without faces (bench/lib/drawings.ts), and of faces of UTKFace, All-Age-Faces and FairFace, most of them made hard to see. No
 * face is of a picture that split/ lists for validation or for the test. It prints how both are judged by weights fitted
 * without them: drawings by weights that saw no drawing of their kind. After it come `npm run models -- face-detector` and
 * `npm run bench:false-faces`.
 */
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { DRAWING_KINDS, drawing } from '../../bench/lib/drawings.js';
import { hardToSee } from '../../bench/lib/hard-faces.js';
import { requireShared } from '../../bench/lib/paths.js';
import { open, pad, readPixels } from '../../bench/lib/pixels.js';
import { sample, seededRandom } from '../../bench/lib/random.js';
import { writeModel } from '../../src/onnx/index.js';
import { floatData, floatTensor, type Session, type Tensor } from '../../src/runtime/index.js';
import { createSession } from '../../src/runtime/node.js';
import { type DetectedFace, FaceDetector, type PixelImage, rotateImage } from '../../src/vision/index.js';
import { buildDetector, EVIDENCE_CHANNELS, type EvidenceWeights } from './detector.js';
import { DEFAULT_CACHE } from './source.js';
import { readParts } from './split-list.js';

/** Drawings of other seeds are for measuring. */
const FIRST_SEED = 1_000_000;
const DRAWING_SIZES = [
  [256, 256],
  [320, 240],
  [240, 320],
  [400, 400],
] as const;
/** `findFaces` looks at pictures in all quarter turns. */
const TURNS = [undefined, 90, undefined, 270, undefined, 180] as const;
/** What is drawn counts from a lower score on than faces do: there are more of both, and drawings are soon made. */
const LEAST = { drawing: 0.35, face: 0.45 } as const;
/** Faces with a higher score are easy, and many: most are left out, and those that stay weigh less. */
const EASY = { score: 0.8, taken: 0.4, weight: 0.3 } as const;
const MOST_OF_A_DRAWING = 3;
const FACE_SIDE = 256;
const MARGIN = 0.4;
const BORDERS = ['copy', 'black', 'grey'] as const;
const SEED = 7;

const FOLDS = 5;
const PENALTY = 0.01;
const STEPS = 1500;

interface Example {
  readonly face: boolean;
  /** Examples of one group are all fitted to or all left out. */
  readonly group: string;
  readonly weight: number;
  readonly features: Float32Array;
}

const { values } = parseArgs({
  options: {
    drawings: { type: 'string', default: '30' },
    faces: { type: 'string', default: '500' },
    out: { type: 'string', default: path.join(import.meta.dirname, 'face-evidence.json') },
  },
});

/** The features of all candidates so far: the detector gets a candidate's place among them, from 1, as its evidence. */
let columns: Float32Array[] = [];

/** The detector that has features in place of evidence. */
async function featureDetector(): Promise<FaceDetector> {
  const bytes = writeModel(await buildDetector(DEFAULT_CACHE, 'features'));
  const session = await createSession(bytes, 'face-detector', { threads: 1 });
  const run: Session['run'] = async (inputs) => {
    const outputs = await session.run(inputs, ['cells', 'logits', 'points', 'features']);
    const count = outputs.logits!.dims[0]!;
    const features = floatData(outputs.features!);
    const channels = Array.from({ length: EVIDENCE_CHANNELS }, (_, c) => c * count);
    const places = Float32Array.from({ length: count }, (_, k) =>
      columns.push(Float32Array.from(channels, (start) => features[start + k]!)),
    );
    const evidence: Tensor = floatTensor(places, [count]);
    return { ...outputs, evidence };
  };
  return new FaceDetector({ run } as Session);
}

/** The mean features over the views in which a face is seen; undefined if it is in none. */
async function featuresOf(detector: FaceDetector, image: PixelImage, face: DetectedFace) {
  columns = [];
  const places = (await detector.evidence(image, face)).filter((place) => place > 0);
  if (places.length === 0) return undefined;
  return new Float32Array(EVIDENCE_CHANNELS).map(
    (_, c) => places.reduce((sum, place) => sum + columns[place - 1]![c]!, 0) / places.length,
  );
}

async function* fromDrawings(detector: FaceDetector, count: number): AsyncGenerator<Example> {
  for (const kind of DRAWING_KINDS) {
    for (let n = 0; n < count; n++) {
      const upright = await drawing(kind, FIRST_SEED + n, DRAWING_SIZES);
      const turn = TURNS[n % TURNS.length];
      const image = turn === undefined ? upright : rotateImage(upright, turn);
      columns = [];
      const found = await detector.detect(image, { minScore: LEAST.drawing });
      for (const face of found.slice(0, MOST_OF_A_DRAWING)) {
        const features = await featuresOf(detector, image, face);
        if (features !== undefined) yield { face: false, group: kind, weight: 1, features };
      }
    }
  }
}

async function* fromFaces(detector: FaceDetector, count: number): AsyncGenerator<Example> {
  const random = seededRandom(SEED);
  const sets = [
    { id: 'utkface', folder: requireShared('data', 'utkface'), tight: true },
    {
      id: 'all-age-faces',
      folder: requireShared('data', 'all-age-faces', 'original images'),
      tight: false,
    },
    { id: 'fairface', folder: requireShared('data', 'fairface', 'train'), tight: false },
  ];
  for (const { id, folder, tight } of sets) {
    const partOf = await readParts(path.join(import.meta.dirname, 'split', `${id}.txt`));
    const files = (await readdir(folder))
      .filter((file) => /\.jpg$/i.test(file) && partOf(file) === 'train')
      .sort();
    const chosen = sample(files, count, SEED);
    for (const [n, file] of chosen.entries()) {
      const whole = await readPixels(path.join(folder, file));
      const another = sharp(path.join(folder, chosen.at(n - 1)!));
      const wide = tight ? await pad(whole, MARGIN, BORDERS[n % BORDERS.length]!) : whole;
      const image = await hardToSee(
        open(wide).resize(FACE_SIDE, FACE_SIDE, { fit: 'inside' }),
        another,
        random,
      );
      columns = [];
      const found = await detector.detect(image, { minScore: LEAST.face - 1e-6 });
      // The person of the picture is in the middle.
      const best = found.find((face) => face.score >= LEAST.face && isInTheMiddle(face, image));
      if (best === undefined) continue;
      const easy = best.score > EASY.score;
      if (easy && random() > EASY.taken) continue;
      const features = await featuresOf(detector, image, best);
      if (features !== undefined) yield { face: true, group: file, weight: easy ? EASY.weight : 1, features };
    }
  }
}

function isInTheMiddle({ box }: DetectedFace, { width, height }: PixelImage): boolean {
  const [x, y] = [(box.x + box.width / 2) / width, (box.y + box.height / 2) / height];
  return Math.max(Math.abs(x - 0.5), Math.abs(y - 0.5)) < 0.25;
}

/** Logistic regression with a quadratic penalty on standardized features, by accelerated gradient descent (Nesterov, 1983). */
function fitWeights(examples: readonly Example[]): EvidenceWeights {
  const n = examples.length;
  const channels = Array.from({ length: EVIDENCE_CHANNELS }, (_, c) => c);
  const mean = channels.map((c) => examples.reduce((sum, { features }) => sum + features[c]!, 0) / n);
  const deviation = channels.map((c) =>
    Math.sqrt(examples.reduce((sum, { features }) => sum + (features[c]! - mean[c]!) ** 2, 0) / n + 1e-6),
  );
  const rows = examples.map(({ features }) =>
    Float32Array.from([...channels.map((c) => (features[c]! - mean[c]!) / deviation[c]!), 1]),
  );
  const total = (face: boolean) => examples.reduce((sum, e) => sum + (e.face === face ? e.weight : 0), 0);
  const totals = { face: total(true), other: total(false) };
  const shares = examples.map(({ face, weight }) => weight / (2 * (face ? totals.face : totals.other)));
  // Of the loss's second derivative, whose largest eigenvalue a few power iterations find.
  let direction = new Float32Array(EVIDENCE_CHANNELS + 1).fill(1);
  let curvature = 1;
  for (let i = 0; i < 20; i++) {
    const next = new Float32Array(direction.length);
    for (const [r, row] of rows.entries()) addTo(next, row, (dot(row, direction) * shares[r]!) / 4);
    curvature = Math.sqrt(dot(next, next));
    direction = next.map((value) => value / curvature);
  }
  const rate = 1 / (curvature + 2 * PENALTY);
  let at = new Float32Array(EVIDENCE_CHANNELS + 1);
  let ahead = at;
  for (let step = 0; step < STEPS; step++) {
    const gradient = ahead.map((value, c) => (c < EVIDENCE_CHANNELS ? 2 * PENALTY * value : 0));
    for (const [r, row] of rows.entries()) {
      const sign = examples[r]!.face ? 1 : -1;
      addTo(gradient, row, (-sign * shares[r]!) / (1 + Math.exp(sign * dot(row, ahead))));
    }
    const next = ahead.map((value, c) => value - rate * gradient[c]!);
    const momentum = step / (step + 3);
    ahead = next.map((value, c) => value + momentum * (value - at[c]!));
    at = next;
  }
  const weights = channels.map((c) => at[c]! / deviation[c]!);
  return { weights, bias: at[EVIDENCE_CHANNELS]! - weights.reduce((sum, w, c) => sum + w * mean[c]!, 0) };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addTo(sum: Float32Array, row: Float32Array, factor: number): void {
  for (let i = 0; i < row.length; i++) sum[i]! += factor * row[i]!;
}

const evidenceOf = ({ weights, bias }: EvidenceWeights, { features }: Example) =>
  weights.reduce((sum, weight, c) => sum + weight * features[c]!, bias);

function fold(group: string): number {
  return createHash('md5').update(group).digest()[0]! % FOLDS;
}

const detector = await featureDetector();
const examples: Example[] = [];
for await (const example of fromDrawings(detector, Number(values.drawings))) examples.push(example);
const drawn = examples.length;
for await (const example of fromFaces(detector, Number(values.faces))) examples.push(example);
console.log(`${drawn} candidates in drawings, ${examples.length - drawn} faces`);

const judged = Array.from({ length: FOLDS }, (_, k) => {
  const weights = fitWeights(examples.filter(({ group }) => fold(group) !== k));
  return examples
    .filter(({ group }) => fold(group) === k)
    .map((example) => ({ ...example, evidence: evidenceOf(weights, example) }));
}).flat();
for (const least of [0, 1, 1.5, 2, 2.5, 3, 4]) {
  const share = (kept: boolean, of: typeof judged) =>
    `${((100 * of.filter(({ evidence }) => evidence >= least === kept).length) / of.length).toFixed(2)}%`;
  const hard = judged.filter(({ face, weight }) => face && weight === 1);
  console.log(
    `evidence ≥ ${least}: of other kinds' drawings taken for faces ${share(
      true,
      judged.filter(({ face }) => !face),
    )}, of doubtful faces lost ${share(false, hard)}`,
  );
}
const { weights, bias } = fitWeights(examples);
const rounded = (value: number) => Number(value.toPrecision(5));
await writeFile(values.out, `${JSON.stringify({ bias: rounded(bias), weights: weights.map(rounded) })}\n`);
