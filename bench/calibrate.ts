/**
 * Finds the calibration of the shipped age model, on chips of UTKFace that are not used to measure its accuracy:
 *
 *     npm run build && npx tsx bench/calibrate.ts [CACHE]
 *
 * `tilt` is added to the logit of each age times the age and chosen by the mean absolute error; `male` is added to
 * the logit of male, one number for children and one for adults, and chosen by the share of right answers. CACHE
 * holds package archives, as of `npm run models`.
 */
import { ADULT, buildAgeModel, UNCALIBRATED } from '../scripts/models/hse-faceres.js';
import { DEFAULT_CACHE } from '../scripts/models/source.js';
import type { FaceEstimate } from '../src/estimate/index.js';
import { writeModel } from '../src/onnx/index.js';
import { formatTable, percent, runBenchmark } from './lib/report.js';
import { mean } from './lib/statistics.js';
import { estimateLargestFaces, splitUtkFace } from './lib/utkface.js';

/** The best choices shown. */
const SHOWN = 10;
const TILTS = Array.from({ length: 16 }, (_, i) => i * 0.002);
const CHILD_SHIFTS = Array.from({ length: 16 }, (_, i) => 0.1 * i - 1);
const ADULT_SHIFTS = Array.from({ length: 21 }, (_, i) => -0.1 * i);

await runBenchmark(async () => {
  const { validation } = await splitUtkFace();
  const model = writeModel(await buildAgeModel(process.argv[2] ?? DEFAULT_CACHE, UNCALIBRATED));
  const { faces } = await estimateLargestFaces(
    validation.map(({ file }) => file),
    { models: [model] },
  );
  const samples = validation.map(({ label }, i) => ({ label, face: faces[i]! }));

  const ages = TILTS.map((tilt) => {
    const errors = samples.map(({ label, face }) => expectation(tilted(face, tilt)) - label.age);
    return { tilt, mae: mean(errors.map(Math.abs)), bias: mean(errors) };
  });
  const bestAge = ages.reduce((a, b) => (b.mae < a.mae ? b : a));
  const logits = samples.map(({ label, face }) => ({
    male: label.gender === 'male',
    logit: maleLogit(face),
    adult: probabilityOfAdult(tilted(face, bestAge.tilt)),
  }));
  const genders = CHILD_SHIFTS.flatMap((child) =>
    ADULT_SHIFTS.map((adult) => {
      const right = logits.filter((s) => s.logit + child + (adult - child) * s.adult > 0 === s.male);
      return { child, adult, accuracy: right.length / logits.length };
    }),
  ).sort((a, b) => b.accuracy - a.accuracy);
  console.log(`UTKFace, ${samples.length} chips outside the test set\n`);
  console.log(
    formatTable(
      ['tilt', 'MAE', 'bias', ''],
      ages.map((a) => [
        a.tilt.toFixed(3),
        a.mae.toFixed(3),
        a.bias.toFixed(2),
        a === bestAge ? '← best' : '',
      ]),
    ),
  );
  const none = genders.find((g) => g.child === 0 && g.adult === 0)!;
  console.log(
    `\n${formatTable(
      ['male: child', 'adult', 'right'],
      [...genders.slice(0, SHOWN), none].map((g) => [
        g.child.toFixed(1),
        g.adult.toFixed(1),
        percent(g.accuracy),
      ]),
    )}`,
  );
  return [];
});

/** `p_k · exp(tilt · k)`, normalised, by age. */
function tilted({ distribution }: FaceEstimate, tilt: number): { age: number; p: number }[] {
  const weights = distribution.classes.map(
    ({ from }, i) => distribution.probabilities[i]! * Math.exp(tilt * from),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w, i) => ({ age: distribution.classes[i]!.from, p: w / sum }));
}

function expectation(distribution: readonly { age: number; p: number }[]): number {
  return distribution.reduce((sum, { age, p }) => sum + age * p, 0);
}

function probabilityOfAdult(distribution: readonly { age: number; p: number }[]): number {
  return distribution.reduce((sum, { age, p }) => (age >= ADULT ? sum + p : sum), 0);
}

function maleLogit({ gender }: FaceEstimate): number {
  const { label, probability } = gender!;
  return Math.log(probability / Math.max(1 - probability, 1e-9)) * (label === 'male' ? 1 : -1);
}
