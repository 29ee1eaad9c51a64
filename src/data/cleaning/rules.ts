/** Which pictures of a data set are used: rules over their labels, and the sets of rules that earlier systems had. */
import type { AgeLabel } from '../../age/index.js';
import type { Rejection, Sample } from '../types.js';

/**
 * Conditions on pictures. Rules that are left out do not apply; for a label that the set lacks, only `needGender`
 * applies. A picture without an age is never used.
 */
export interface CleaningRules {
  /**
   * In completed years, both included: 99 includes everybody below 100. An interval passes if any of its years does.
   */
  readonly minAge?: number;
  readonly maxAge?: number;
  readonly needGender?: boolean;
  /** The minimum score of the authors' face detector. */
  readonly minFaceScore?: number;
  /** Whether to exclude pictures with a second face. */
  readonly singleFace?: boolean;
  /** The minimum length of the shorter side in pixels: of the face if it is cropped, else of the picture. */
  readonly minSize?: number;
}

/**
 * The rules of published systems, by name:
 *
 * - `dex`: Rothe, Timofte, Van Gool, IJCV 2018: 10 ≤ age < 100.
 * - `wide-resnet`: the widely used Wide ResNet for IMDB-WIKI (yu4u/age-gender-estimation, create_db.py): face score of
 *   1 and more, no second face, age 0 to 100, gender known.
 * - `vgg-face`: transfer from VGG-Face on WIKI: face score of 3 and more, one face, gender known, 0 < age ≤ 100.
 */
export const CLEANING_PRESETS = {
  none: {},
  dex: { minAge: 10, maxAge: 99 },
  'wide-resnet': { minAge: 0, maxAge: 100, needGender: true, minFaceScore: 1, singleFace: true },
  'vgg-face': { minAge: 1, maxAge: 100, needGender: true, minFaceScore: 3, singleFace: true },
} as const satisfies Record<string, CleaningRules>;

export type CleaningPreset = keyof typeof CLEANING_PRESETS;

/** Rules in a few words, such as `face score from 1, one face, ages 0 to 100, gender known`. */
export function describeRules(rules: CleaningRules): string {
  const { minAge = 0, maxAge, minFaceScore, singleFace, needGender, minSize } = rules;
  const ages = maxAge === undefined ? `ages from ${minAge}` : `ages ${minAge} to ${maxAge}`;
  const conditions = [
    minFaceScore !== undefined && `face score from ${minFaceScore}`,
    singleFace && 'one face',
    (rules.minAge !== undefined || maxAge !== undefined) && ages,
    needGender && 'gender known',
    minSize !== undefined && `at least ${minSize} pixels`,
  ].filter((rule) => typeof rule === 'string');
  return conditions.join(', ') || 'a picture needs an age and must be readable';
}

/** Why a sample's labels exclude it; undefined if they do not. Its picture is not examined. */
export function rejectLabels(sample: Sample, rules: CleaningRules): Rejection | undefined {
  const { path, age, gender, faceScore, secondFaceScore } = sample;
  if (age === undefined) return { path, reason: 'no age', detail: 'expected an age, found none' };
  if (!inRange(age, rules)) {
    return { path, reason: 'age out of range', detail: `${expectedAges(rules)}, found ${ageText(age)}` };
  }
  if (rules.needGender && gender === undefined) {
    return { path, reason: 'no gender', detail: 'expected female or male, found neither' };
  }
  if (rules.minFaceScore !== undefined && faceScore !== undefined) {
    if (faceScore === Number.NEGATIVE_INFINITY) {
      return { path, reason: 'no face', detail: "the authors' detector found no face" };
    }
    if (!(faceScore >= rules.minFaceScore)) {
      const detail = `expected a face score of at least ${rules.minFaceScore}, found ${figure(faceScore)}`;
      return { path, reason: 'face score', detail };
    }
  }
  if (rules.singleFace && secondFaceScore !== undefined && !Number.isNaN(secondFaceScore)) {
    const detail = `expected one face, found a second one of score ${figure(secondFaceScore)}`;
    return { path, reason: 'second face', detail };
  }
  return undefined;
}

/** The same for a picture's size, or a face's, in pixels. */
export function rejectSize(
  path: string,
  what: 'picture' | 'face',
  { width, height }: { readonly width: number; readonly height: number },
  { minSize }: CleaningRules,
): Rejection | undefined {
  if (minSize === undefined || Math.min(width, height) >= minSize) return undefined;
  const found = `${figure(width)} × ${figure(height)}`;
  return {
    path,
    reason: 'too small',
    detail: `expected a ${what} of at least ${minSize} pixels, found ${found}`,
  };
}

function inRange(
  age: AgeLabel,
  { minAge = Number.NEGATIVE_INFINITY, maxAge = Number.POSITIVE_INFINITY }: CleaningRules,
) {
  const [from, to] = 'age' in age ? [age.age, age.age] : [age.from, age.to];
  return Math.floor(to) >= minAge && Math.floor(from) <= maxAge;
}

function expectedAges({ minAge, maxAge }: CleaningRules): string {
  if (maxAge === undefined) return `expected an age of at least ${minAge}`;
  return minAge === undefined
    ? `expected an age of at most ${maxAge}`
    : `expected an age of ${minAge} to ${maxAge}`;
}

const ageText = (age: AgeLabel): string =>
  'age' in age ? figure(age.age) : `${figure(age.from)} to ${figure(age.to)}`;

/** Two decimals at most. */
const figure = (value: number): string => String(Math.round(100 * value) / 100);
