/**
 * Checks whether a photograph shows that a person is old enough, with a challenge age above the required age, as shops
 * ask customers who look younger than 25 for identification ("Challenge 25"). Cases that cannot be judged are referred
 * to another check.
 */
import { probabilityAtLeast } from '../age/index.js';
import { type FaceQuality, faceQuality, type PixelImage } from '../vision/index.js';
import { JUDGEABLE } from './about.js';
import type { FaceData } from './face-data.js';
import { roundedProbability } from './face-json.js';

export interface AgeRule {
  /** The required age in years. */
  readonly age: number;
  /** The estimated age in years at which a person passes; at least `age`. */
  readonly challenge: number;
}

/**
 * - `pass`: the estimate is the challenge age or more.
 * - `fail`: the whole 90% interval lies below the required age.
 * - `refer`: neither, or the photograph cannot be judged.
 */
export type Verdict = 'pass' | 'refer' | 'fail';

export interface AgeVerification extends AgeRule {
  readonly verdict: Verdict;
  /** The reason, in a few words. */
  readonly reason: string;
  /** The number of faces found. */
  readonly faces: number;
  /** P(age ≥ `age`), the estimate in years and its 90% interval; null unless there is exactly one face. */
  readonly atLeast: number | null;
  readonly estimate: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  /** Null unless exactly one face was detected. */
  readonly quality: FaceQuality | null;
}

/** A verification with its numbers rounded, as the command line prints it and the server returns it. */
export function verificationRecord({
  atLeast,
  estimate,
  interval,
  quality,
  ...rest
}: AgeVerification): AgeVerification {
  return {
    ...rest,
    atLeast: atLeast === null ? null : roundedProbability(atLeast),
    estimate: estimate === null ? null : rounded(estimate, YEAR_PLACES),
    interval:
      interval === null ? null : [rounded(interval[0], YEAR_PLACES), rounded(interval[1], YEAR_PLACES)],
    quality: quality && {
      size: rounded(quality.size, PIXEL_PLACES),
      sharpness: rounded(quality.sharpness, SHARPNESS_PLACES),
      turn: rounded(quality.turn, TURN_PLACES),
    },
  };
}

const [YEAR_PLACES, PIXEL_PLACES, SHARPNESS_PLACES, TURN_PLACES] = [2, 2, 4, 2];

const rounded = (value: number, places: number): number => Number(value.toFixed(places));

/**
 * @param image the upright picture that the faces were found in
 * @throws RangeError if the challenge age is below the required age
 */
export function verifyAge(image: PixelImage, faces: readonly FaceData[], rule: AgeRule): AgeVerification {
  const { age, challenge } = rule;
  if (!(age > 0 && challenge >= age)) {
    throw new RangeError(`challenge: expected an age of ${age} or more, found ${challenge}`);
  }
  const [face] = faces;
  if (face === undefined || faces.length > 1) {
    const reason =
      face === undefined ? 'no face was found' : `${faces.length} faces were found, one is expected`;
    const nothing = { atLeast: null, estimate: null, interval: null, quality: null };
    return { verdict: 'refer', reason, age, challenge, faces: faces.length, ...nothing };
  }
  const { landmarks, box } = face;
  return verifyFace(face, landmarks && faceQuality(image, { box, landmarks }), rule);
}

/**
 * The same for one face whose quality is known, as a video frame's is.
 * @param quality null if unknown; the face then counts as visible
 */
export function verifyFace(face: FaceData, quality: FaceQuality | null, rule: AgeRule): AgeVerification {
  const { age, challenge } = rule;
  const { interval, age: estimate } = face;
  const facts = {
    age,
    challenge,
    faces: 1,
    atLeast: probabilityAtLeast(face.distribution, age),
    estimate,
    interval,
    quality,
  };
  const obstacle = quality && obstacleOf(quality);
  if (obstacle) return { verdict: 'refer', reason: obstacle, ...facts };
  if (Number.isNaN(estimate)) {
    return { verdict: 'refer', reason: 'no model predicts ages', ...facts };
  }
  const years = estimate.toFixed(1);
  if (estimate >= challenge) {
    return { verdict: 'pass', reason: `the estimate of ${years} is ${challenge} or older`, ...facts };
  }
  if (interval[1] < age) {
    return {
      verdict: 'fail',
      reason: `the whole interval, up to ${interval[1].toFixed(1)}, is below ${age}`,
      ...facts,
    };
  }
  return { verdict: 'refer', reason: `the estimate of ${years} is younger than ${challenge}`, ...facts };
}

function obstacleOf({ size, sharpness, turn }: FaceQuality): string | undefined {
  if (size < JUDGEABLE.size) {
    return `the face is too small: ${size.toFixed(0)} pixels, ${JUDGEABLE.size} are needed`;
  }
  if (sharpness < JUDGEABLE.sharpness) {
    return `the face is too blurred: a sharpness of ${sharpness.toFixed(3)}, ${JUDGEABLE.sharpness} is needed`;
  }
  if (turn > JUDGEABLE.turn) {
    return `the face is turned away too far: its nose lies ${turn.toFixed(2)} eye distances aside, ${JUDGEABLE.turn} at most can be judged`;
  }
  return undefined;
}
