/**
 * Finds the calibration of the age model that ships, on chips of UTKFace that its accuracy is not measured on:
 *
 *     npm run build && npx tsx bench/calibrate.ts [CACHE]
 *
 * `tilt` is added to the logit of each age times the age and chosen by the mean absolute error; `male` is added
 * to the logit of male and chosen by the log likelihood. CACHE holds package archives, as of `npm run models`.
 */

import { buildAgeModel } from '../scripts/models/hse-faceres.js';
import { DEFAULT_CACHE } from '../scripts/models/source.js';
import type { FaceEstimate } from '../src/estimate/index.js';
import { writeModel } from '../src/onnx/index.js';
import { formatTable, percent, runBenchmark } from './lib/report.js';
import { mean } from './lib/statistics.js';
import { estimateLargestFaces, splitUtkFace, type UtkFaceLabel } from './lib/utkface.js';

const TILTS = Array.from({ length: 16 }, (_, i) => i * 0.002);
const MALE_SHIFTS = Array.from({ length: 13 }, (_, i) => -0.1 * i);

interface Sample {
  readonly label: UtkFaceLabel;
  readonly face: FaceEstimate;
}

await runBenchmark(async () => {
  const { validation } = await splitUtkFace();
  const model = writeModel(await buildAgeModel(process.argv[2] ?? DEFAULT_CACHE, { tilt: 0, male: 0 }));
  const { faces } = await estimateLargestFaces(
    validation.map(({ file }) => file),
    { models: [model] },
  );
  const samples = validation.map(({ label }, i) => ({ label, face: faces[i]! }));

  const ages = TILTS.map((tilt) => {
    const errors = samples.map(({ label, face }) => tiltedMean(face, tilt) - label.age);
    return { tilt, mae: mean(errors.map(Math.abs)), bias: mean(errors) };
  });
  const genders = MALE_SHIFTS.map((male) => {
    const right = samples.map((s) => probabilityOfLabel(s, male));
    return {
      male,
      loss: mean(right.map((p) => -Math.log(p))),
      accuracy: mean(right.map((p) => (p > 0.5 ? 1 : 0))),
    };
  });
  const bestAge = ages.reduce((a, b) => (b.mae < a.mae ? b : a));
  const bestGender = genders.reduce((a, b) => (b.loss < a.loss ? b : a));
  console.log(`UTKFace, ${samples.length} chips, none of them a test chip\n`);
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
  console.log(
    `\n${formatTable(
      ['male', 'log loss', 'right', ''],
      genders.map((g) => [
        g.male.toFixed(1),
        g.loss.toFixed(4),
        percent(g.accuracy),
        g === bestGender ? '← best' : '',
      ]),
    )}`,
  );
  return [];
});

/** The expectation of `p_k · exp(tilt · k)`, normalised. */
function tiltedMean({ distribution }: FaceEstimate, tilt: number): number {
  let sum = 0;
  let weighted = 0;
  distribution.classes.forEach(({ from }, i) => {
    const p = distribution.probabilities[i]! * Math.exp(tilt * from);
    sum += p;
    weighted += p * from;
  });
  return weighted / sum;
}

function probabilityOfLabel({ label, face }: Sample, shift: number): number {
  const { label: told, probability } = face.gender!;
  const logit = Math.log(probability / Math.max(1 - probability, 1e-7)) * (told === 'male' ? 1 : -1) + shift;
  const male = 1 / (1 + Math.exp(-logit));
  return Math.max(label.gender === 'male' ? male : 1 - male, 1e-7);
}
