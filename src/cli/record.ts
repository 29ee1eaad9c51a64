/**
 * An estimate as plain data: what `--json` prints for a picture, and what the table and the CSV are made of.
 *
 * Figures are rounded to what they can mean: pixels to a tenth, ages to a hundredth of a year, probabilities to
 * four places, those of a distribution to six, since they are many and add up.
 */
import type { Box, FaceEstimate, GenderLabel, ImageEstimate, Landmarks } from '../estimate/index.js';

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
export interface FaceRecord {
  /** In pixels of the upright picture. */
  readonly box: Box;
  /** Null, like the landmarks, where the picture was given as one face already cropped. */
  readonly score: number | null;
  readonly landmarks: Landmarks | null;
  /** In years, as are `std` and `interval`. */
  readonly age: number;
  readonly std: number;
  /** Holds 90% of the probability. */
  readonly interval: readonly [low: number, high: number];
  /** Absent where gender is switched off or no model tells it. */
  readonly gender?: { readonly label: GenderLabel; readonly probability: number };
  /** Only where asked for. */
  readonly distribution?: readonly AgeShare[];
  /** P(age ≥ t) by t; only where asked for. */
  readonly atLeast?: Readonly<Record<string, number>>;
}

export interface PictureRecord {
  /** The path as given or found, `-` for standard input. */
  readonly file: string;
  /** The upright picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceRecord[];
}

/** What stands for a picture that could not be estimated. */
export interface FailureRecord {
  readonly file: string;
  /** One sentence. */
  readonly error: string;
}

/** What is told of a face beyond its age. */
export interface Details {
  /** Whether to give the whole distribution. */
  readonly distribution: boolean;
  /** The ages t, in years, for which to give P(age ≥ t). */
  readonly atLeast: readonly number[];
}

export function pictureRecord(file: string, estimate: ImageEstimate, details: Details): PictureRecord {
  const { width, height, faces } = estimate;
  return { file, width, height, faces: faces.map((face) => faceRecord(face, details)) };
}

function faceRecord(face: FaceEstimate, { distribution, atLeast }: Details): FaceRecord {
  const { box, score, landmarks, age, std, interval, gender } = face;
  return {
    box: {
      x: pixels(box.x),
      y: pixels(box.y),
      width: pixels(box.width),
      height: pixels(box.height),
    },
    score: score === null ? null : probability(score),
    landmarks: landmarks && {
      rightEye: point(landmarks.rightEye),
      leftEye: point(landmarks.leftEye),
      nose: point(landmarks.nose),
      mouth: point(landmarks.mouth),
    },
    age: years(age),
    std: years(std),
    interval: [years(interval[0]), years(interval[1])],
    ...(gender && { gender: { label: gender.label, probability: probability(gender.probability) } }),
    ...(distribution && { distribution: shares(face.distribution) }),
    ...(atLeast.length > 0 && {
      atLeast: Object.fromEntries(atLeast.map((t) => [t, probability(face.atLeast(t))])),
    }),
  };
}

function shares({ classes, probabilities }: FaceEstimate['distribution']): AgeShare[] {
  return classes.map(({ from, to }, i) => ({ from, to, p: round(probabilities[i]!, DISTRIBUTION_PLACES) }));
}

function point({ x, y }: Landmarks['nose']): Landmarks['nose'] {
  return { x: pixels(x), y: pixels(y) };
}

const pixels = (value: number) => round(value, PIXEL_PLACES);
const years = (value: number) => round(value, AGE_PLACES);
const probability = (value: number) => round(value, PROBABILITY_PLACES);

function round(value: number, places: number): number {
  // Adding zero turns −0 into 0.
  return Math.round(value * 10 ** places) / 10 ** places + 0;
}
