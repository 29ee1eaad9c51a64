/**
 * A face as JSON: what `JSON.stringify` makes of a result, and what `agewise estimate --json` prints.
 *
 * Figures are rounded to what they can mean: pixels to a tenth, ages to a hundredth of a year, probabilities to
 * four places, those of a distribution to six, since they are many and add up.
 */
import type { AgeDistribution, Gender } from '../age/index.js';
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

/** Fields stand in the order in which they are printed. */
export interface FaceJson {
  /** In pixels of the upright picture. */
  readonly box: Box;
  /** Null, like the landmarks, where the picture was given as one face already cropped. */
  readonly score: number | null;
  readonly landmarks: Landmarks | null;
  /** In years, as are `median`, `std` and `interval`. */
  readonly age: number;
  readonly median: number;
  readonly std: number;
  /** Holds 90% of the probability. */
  readonly interval: readonly [low: number, high: number];
  /** Absent where gender is switched off or no model tells it. */
  readonly gender?: { readonly label: Gender; readonly probability: number };
  /** One for each age class of the model. */
  readonly distribution: readonly AgeShare[];
}

/** The JSON form of a face, also of one that came as a clone and has no `toJSON`. */
export function faceJson(face: FaceData): FaceJson {
  const { box, score, landmarks, age, median, std, interval, gender, distribution } = face;
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
    distribution: shares(distribution),
  };
}

/** What a person who prints a face wants to see first. */
export function shortFace(face: FaceData) {
  const { box, score, age, interval, gender } = face;
  return {
    age: round(age, 1),
    interval: interval.map((limit) => round(limit, 1)),
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

/** A probability as results give it. */
export const roundedProbability = (value: number): number => round(value, PROBABILITY_PLACES);

function round(value: number, places: number): number {
  // Adding zero turns −0 into 0.
  return Math.round(value * 10 ** places) / 10 ** places + 0;
}
