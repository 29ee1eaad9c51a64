/** One face's estimate: plain data that can cross threads, sockets and files, with methods. */
import {
  type AgeDistribution,
  type AgeGroup,
  ageStatistics,
  averageDistributions,
  conformalInterval,
  type Gender,
  INTERVAL_COVERAGE,
  likeliestGroup,
  probabilityAtLeast,
  yearProbabilities,
} from '../age/index.js';
import type { Prediction } from '../metadata/index.js';
import type { Box, FaceView, Landmarks } from '../vision/index.js';
import type { FaceData, FacePlace } from './face-data.js';
import { type FaceJson, faceJson, shortFace } from './face-json.js';

/**
 * One face's estimate. Its fields are plain data: `structuredClone` and `postMessage` accept them, `JSON.stringify`
 * gives the form printed by `agewise estimate --json`, and `new FaceEstimate(clone)` restores a clone's methods.
 *
 * @example
 * const { faces: [face] } = await estimator.estimate('photo.jpg');
 * face.atLeast(18); // 0.97
 * console.log(face);
 * // FaceEstimate { age: 28.4, interval: [ 19.2, 38.7 ], gender: 'female', score: 0.98, box: { x: 10, … } }
 */
export class FaceEstimate implements FaceData {
  readonly box: Box;
  readonly score: number | null;
  readonly landmarks: Landmarks | null;
  readonly age: number;
  readonly median: number;
  readonly std: number;
  readonly interval: readonly [low: number, high: number];
  declare readonly gender?: { readonly label: Gender; readonly probability: number };
  declare readonly group?: AgeGroup;
  declare readonly members?: readonly number[];
  readonly distribution: AgeDistribution;
  declare readonly view?: FaceView;

  constructor(face: FaceData) {
    const { box, score, landmarks, age, median, std, interval, gender, group, members, distribution, view } =
      face;
    this.box = box;
    this.score = score;
    this.landmarks = landmarks;
    this.age = age;
    this.median = median;
    this.std = std;
    this.interval = interval;
    if (gender !== undefined) this.gender = gender;
    if (group !== undefined) this.group = group;
    if (members !== undefined) this.members = members;
    this.distribution = distribution;
    if (view !== undefined) this.view = view;
  }

  /**
   * P(age ≥ t).
   * @param t in years
   * @throws TypeError if `t` is not a number
   */
  atLeast(t: number): number {
    return probabilityAtLeast(this.distribution, t);
  }

  toJSON(): FaceJson {
    return faceJson(this);
  }

  /** The form in which Node prints it. */
  [Symbol.for('nodejs.util.inspect.custom')](
    depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    return depth < 0 ? '[FaceEstimate]' : `FaceEstimate ${inspect(shortFace(this), options)}`;
  }
}

/** A face's estimate: the mean of predictions by several networks or from several views. */
export function faceEstimate(
  place: FacePlace & Pick<FaceData, 'view'>,
  predictions: readonly Prediction[],
): FaceEstimate {
  const distribution = averageDistributions(predictions.map(({ age }) => age));
  const { mean, median, std, interval } = ageStatistics(distribution);
  const widening = meanWidening(predictions);
  const females = predictions.flatMap(({ female }) => female ?? []);
  const group = likeliestGroup(distribution);
  const members = memberAges(predictions);
  const female = females.reduce((sum, p) => sum + p, 0) / females.length;
  return new FaceEstimate({
    ...place,
    age: mean,
    median,
    std,
    interval:
      widening === undefined
        ? interval
        : conformalInterval(yearProbabilities(distribution), { coverage: INTERVAL_COVERAGE, widening }),
    distribution,
    ...(females.length > 0 && { gender: likelierGender(female) }),
    ...(group && { group }),
    ...(members.length > 1 && { members }),
  });
}

/** Each model's age over all views of the face; for a single model, the ages of the networks that it averages. */
function memberAges(predictions: readonly Prediction[]): number[] {
  const models = [...new Set(predictions.map(({ model }) => model))];
  const views = models
    .map((model) => predictions.filter((view) => view.model === model && view.age.classes.length > 0))
    .filter(({ length }) => length > 0);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (views.length !== 1) {
    return views.map((own) => ageStatistics(averageDistributions(own.map(({ age }) => age))).mean);
  }
  const [own] = views as [Prediction[]];
  const networks = own[0]!.members?.length ?? 0;
  return Array.from({ length: networks }, (_, m) =>
    mean(own.map(({ members }) => ageStatistics(members![m]!).mean)),
  );
}

/**
 * Defined if all are calibrated. With several predictions the interval's coverage is only approximately the stated one.
 */
function meanWidening(predictions: readonly Prediction[]): number | undefined {
  const ages = predictions.filter(({ age }) => age.classes.length > 0);
  const known = ages.flatMap(({ widening }) => widening ?? []);
  if (known.length === 0 || known.length < ages.length) return undefined;
  return known.reduce((sum, widening) => sum + widening, 0) / known.length;
}

/** @param female its probability */
export const likelierGender = (female: number) =>
  female >= 0.5
    ? { label: 'female' as const, probability: female }
    : { label: 'male' as const, probability: 1 - female };
