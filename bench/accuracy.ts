/**
 * The accuracy of the age model that ships, through the whole pipeline.
 *
 *     npm run bench:accuracy
 *
 * A seeded choice of 1,000 chips of UTKFace, unchanged. Of several faces in a picture the largest counts; if none is found,
 * the whole picture is used as the face, and the number of misses is printed.
 */
import type { FaceEstimate } from '../src/estimate/index.js';
import { bar, formatTable, percent, type Requirement, runBenchmark } from './lib/report.js';
import { mean } from './lib/statistics.js';
import { estimateLargestFaces, RACES, splitUtkFace, TEST_SEED, type UtkFaceLabel } from './lib/utkface.js';

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
  const { test: chosen, labelled, unreadable } = await splitUtkFace();
  console.log(
    `UTKFace: ${chosen.length} of ${labelled} images as they are (seed ${TEST_SEED}); ` +
      `${unreadable} names could not be read`,
  );

  const { faces, misses } = await estimateLargestFaces(
    chosen.map(({ file }) => file),
    { threads: THREADS },
  );
  const estimated = chosen.map(({ label }, index) => ({ label, face: faces[index]! }));
  console.log(`No face found, the whole picture used: ${misses} of ${chosen.length}\n`);
  printGroups(estimated);

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

function printGroups(estimated: readonly Estimated[]): void {
  const bands = BANDS.map((from, index) => {
    const to = BANDS[index + 1] ?? Number.POSITIVE_INFINITY;
    const name = Number.isFinite(to) ? `${from}-${to - 1}` : `${from}+`;
    return { name, holds: ({ age }: UtkFaceLabel) => age >= from && age < to };
  });
  const genders = (['female', 'male'] as const).map((gender) => ({
    name: `labelled ${gender}`,
    holds: (label: UtkFaceLabel) => label.gender === gender,
  }));
  const races = RACES.map((race) => ({
    name: `labelled ${race}`,
    holds: (label: UtkFaceLabel) => label.race === race,
  }));
  const rows = [...bands, ...genders, ...races, { name: 'all', holds: () => true }].flatMap(
    ({ name, holds }) => {
      const members = estimated.filter(({ label }) => holds(label));
      return members.length === 0 ? [] : [row(name, members)];
    },
  );
  console.log(formatTable(['', 'faces', 'MAE', 'bias', 'gender', ''], rows));
}

function row(name: string, members: readonly Estimated[]): string[] {
  return [
    name,
    String(members.length),
    format(mae(members)),
    signed(mean(members.map(error))),
    percent(genderAccuracy(members)),
    bar(mae(members) / FULL_BAR),
  ];
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
