/**
 * A face as JSON: the output of `JSON.stringify` on a result and of `agewise estimate --json`.
 *
 * Figures are rounded to significant digits: pixels to a tenth, ages to a hundredth of a year, probabilities to four
 * decimals, those of a distribution to six, since their rounding errors add up.
 */
import { type AgeDistribution, classLabel, type Gender } from '../age/index.js';
import type { Box, Landmarks, Point } from '../vision/index.js';
import type { FaceData } from './face-data.js';

const PIXEL_PLACES = 1;
const AGE_PLACES = 2;
const PROBABILITY_PLACES = 4;
const DISTRIBUTION_PLACES = 6;

/** The probability `p` of the whole years `from..to`, both included. */
export interface AgeShare {
  readonly from: number;
  readonly to: number;
  readonly p: number;
}

/** The fields in print order. */
export interface FaceJson {
  /** In pixels of the upright picture. */
  readonly box: Box;
  /** Null, like the landmarks, if the picture was passed as one cropped face. */
  readonly score: number | null;
  readonly landmarks: Landmarks | null;
  /** In years, as are `median`, `std` and `interval`; all null in text if no model predicts ages. */
  readonly age: number;
  readonly median: number;
  readonly std: number;
  /** Contains 90% of the probability. */
  readonly interval: readonly [low: number, high: number];
  /** Absent if gender is switched off or no model predicts it. */
  readonly gender?: { readonly label: Gender; readonly probability: number };
  /** The most probable age group, for models of groups; `label` is as `26-30`. */
  readonly group?: {
    readonly label: string;
    readonly from: number;
    readonly to: number;
    readonly probability: number;
  };
  /** The age in years by each of several networks. */
  readonly members?: readonly number[];
  /** One for each age class of the model. */
  readonly distribution: readonly AgeShare[];
}

/** The JSON form of a face; also works for a clone, which has no `toJSON`. */
export function faceJson(face: FaceData): FaceJson {
  const { box, score, landmarks, age, median, std, interval, gender, group, members, distribution } = face;
  return {
    box: { ...point(box), width: pixels(box.width), height: pixels(box.height) },
    score: score === null ? null : roundedProbability(score),
    landmarks: landmarks && {
      rightEye: point(landmarks.rightEye),
      leftEye: point(landmarks.leftEye),
      nose: point(landmarks.nose),
      mouth: point(landmarks.mouth),
    },
    age: years(age),
    median: years(median),
    std: years(std),
    interval: [years(interval[0]), years(interval[1])],
    ...(gender && { gender: { label: gender.label, probability: roundedProbability(gender.probability) } }),
    ...(group && {
      group: {
        label: classLabel(group),
        from: group.from,
        to: group.to,
        probability: roundedProbability(group.probability),
      },
    }),
    ...(members && { members: members.map(years) }),
    distribution: shares(distribution),
  };
}

/** The most important fields, for printing. */
export function shortFace(face: FaceData) {
  const { box, score, age, interval, gender, group } = face;
  return {
    age: round(age, 1),
    interval: interval.map((limit) => round(limit, 1)),
    ...(group && { group: classLabel(group) }),
    ...(gender && { gender: gender.label }),
    ...(score !== null && { score: round(score, 2) }),
    box: {
      x: round(box.x, 0),
      y: round(box.y, 0),
      width: round(box.width, 0),
      height: round(box.height, 0),
    },
  };
}

function shares({ classes, probabilities }: AgeDistribution): AgeShare[] {
  return classes.map(({ from, to }, i) => ({ from, to, p: round(probabilities[i]!, DISTRIBUTION_PLACES) }));
}

const point = ({ x, y }: Point): Point => ({ x: pixels(x), y: pixels(y) });
const pixels = (value: number) => round(value, PIXEL_PLACES);
const years = (value: number) => round(value, AGE_PLACES);

/** A probability, rounded as in results. */
export const roundedProbability = (value: number): number => round(value, PROBABILITY_PLACES);

function round(value: number, places: number): number {
  // Adding zero turns −0 into 0.
  return Math.round(value * 10 ** places) / 10 ** places + 0;
}
