/**
 * The accuracy of the age model that ships, through the whole pipeline.
 *
 *     npm run bench:accuracy
 *
 * 1,000 chips of UTKFace as they are, a seeded choice. Of several faces in a picture the largest counts; where
 * none is found the whole picture is taken as the face, and the misses are printed.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FaceEstimate, ImageEstimate, ImageFailure } from '../src/estimate/index.js';
import { faceSize } from './lib/matching.js';
import { listImages, ROOT, requireShared } from './lib/paths.js';
import { sample } from './lib/random.js';
import { bar, formatTable, percent, type Requirement, runBenchmark } from './lib/report.js';
import { mean } from './lib/statistics.js';
import { parseUtkFaceName, type UtkFaceLabel } from './lib/utkface.js';

const IMAGES = 1000;
const SEED = 1;
const THREADS = 2;

const MAX_MAE = 5.9;
const MIN_GENDER_ACCURACY = 0.92;

/** The first age of each band; the last one is open. */
const BANDS = [0, 3, 10, 20, 30, 40, 50, 60, 70, 80];
/** The mean absolute error at which a bar is full, in years. */
const FULL_BAR = 20;

interface Estimated {
  readonly label: UtkFaceLabel;
  readonly face: FaceEstimate;
}

await runBenchmark(async () => {
  const all = await listImages(requireShared('data', 'utkface'));
  const labelled = all.flatMap((file) => {
    const label = parseUtkFaceName(file);
    return label === undefined ? [] : [{ file, label }];
  });
  const chosen = sample(labelled, IMAGES, SEED);
  console.log(
    `UTKFace: ${chosen.length} of ${labelled.length} images as they are (seed ${SEED}); ` +
      `${all.length - labelled.length} names could not be read`,
  );

  const { faces, misses } = await estimateFaces(chosen.map(({ file }) => file));
  const estimated = chosen.map(({ label }, index) => ({ label, face: faces[index]! }));
  console.log(`No face found, the whole picture taken: ${misses} of ${chosen.length}\n`);
  printBands(estimated);

  return [
    { name: 'mean absolute error, years', measured: mae(estimated), bound: MAX_MAE, kind: 'at most', format },
    {
      name: 'gender',
      measured: genderAccuracy(estimated),
      bound: MIN_GENDER_ACCURACY,
      kind: 'at least',
      format: percent,
    },
  ] satisfies Requirement[];
});

async function estimateFaces(files: readonly string[]): Promise<{ faces: FaceEstimate[]; misses: number }> {
  const entry = pathToFileURL(path.join(ROOT, 'dist', 'estimate', 'index.js')).href;
  const { AgeEstimator }: typeof import('../src/estimate/index.js') = await import(entry);

  const estimator = await AgeEstimator.load({ threads: THREADS });
  const found = (await estimator.estimate(files)).map(largestFace);
  await estimator.dispose();

  const missed = files.filter((_, index) => found[index] === undefined);
  const whole = await AgeEstimator.load({ threads: THREADS, cropped: true });
  const taken = (await whole.estimate(missed)).map(largestFace);
  await whole.dispose();
  return { faces: found.map((face) => face ?? taken.shift()!), misses: missed.length };
}

function largestFace(result: ImageEstimate | ImageFailure): FaceEstimate | undefined {
  if ('error' in result) throw result.error;
  return result.faces.toSorted((a, b) => faceSize(b.box) - faceSize(a.box))[0];
}

function printBands(estimated: readonly Estimated[]): void {
  const row = (name: string, members: readonly Estimated[]) => [
    name,
    String(members.length),
    format(mae(members)),
    signed(mean(members.map(error))),
    percent(genderAccuracy(members)),
    bar(mae(members) / FULL_BAR),
  ];
  const rows = BANDS.flatMap((from, index) => {
    const to = BANDS[index + 1] ?? Number.POSITIVE_INFINITY;
    const members = estimated.filter(({ label }) => label.age >= from && label.age < to);
    return members.length === 0 ? [] : [row(Number.isFinite(to) ? `${from}-${to - 1}` : `${from}+`, members)];
  });
  rows.push(row('all', estimated));
  console.log(formatTable(['age', 'faces', 'MAE', 'bias', 'gender', ''], rows));
}

/** Years by which the estimate lies above the true age. */
function error({ label, face }: Estimated): number {
  return face.age - label.age;
}

function mae(estimated: readonly Estimated[]): number {
  return mean(estimated.map((one) => Math.abs(error(one))));
}

function genderAccuracy(estimated: readonly Estimated[]): number {
  return mean(estimated.map(({ label, face }) => (face.gender?.label === label.gender ? 1 : 0)));
}

function format(years: number): string {
  return years.toFixed(2);
}

function signed(years: number): string {
  return `${years < 0 ? '−' : '+'}${format(Math.abs(years))}`;
}
