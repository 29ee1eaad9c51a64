/**
 * Estimates the age of every face in a photograph:
 *
 *     npx tsx examples/estimate.ts photo.jpg
 *
 * which prints, for each face,
 *
 *     34.8 years, 90% sure of 29.6 to 40.5, female 100%, 18 or older 99%
 */
import { AgeEstimator } from 'agewise';

const [photo] = process.argv.slice(2);
if (photo === undefined) throw new Error('usage: estimate.ts PHOTO');

const percent = (p: number) => `${Math.round(100 * p)}%`;

const estimator = await AgeEstimator.load();
const { faces } = await estimator.estimate(photo);
for (const face of faces) {
  const [low, high] = face.interval;
  const gender = face.gender ? `${face.gender.label} ${percent(face.gender.probability)}, ` : '';
  console.log(
    `${face.age.toFixed(1)} years, 90% sure of ${low.toFixed(1)} to ${high.toFixed(1)}, ` +
      `${gender}18 or older ${percent(face.atLeast(18))}`,
  );
}
await estimator.dispose();
