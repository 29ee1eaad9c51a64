/** UTKFace: its labels, which stand in the file names, its division, and estimates of its chips. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FaceEstimate, ImageEstimate, ImageFailure, LoadOptions } from '../../src/estimate/index.js';
import { faceSize } from './matching.js';
import { listImages, ROOT, requireShared } from './paths.js';
import { sample } from './random.js';

export interface UtkFaceLabel {
  /** Years. */
  readonly age: number;
  readonly gender: 'female' | 'male';
  readonly race: (typeof RACES)[number];
}

/** The data set's words, in the order of their numbers. */
export const RACES = ['White', 'Black', 'Asian', 'Indian', 'other'] as const;

/** The labels of `AGE_GENDER_RACE_DATE.jpg...` (gender 0 male, 1 female), or undefined if a field is missing. */
export function parseUtkFaceName(file: string): UtkFaceLabel | undefined {
  const fields = /^(\d{1,3})_([01])_([0-4])_\d+\D/.exec(path.basename(file));
  if (fields === null) return undefined;
  return {
    age: Number(fields[1]),
    gender: fields[2] === '0' ? 'male' : 'female',
    race: RACES[Number(fields[3])]!,
  };
}

export interface LabelledFile {
  readonly file: string;
  readonly label: UtkFaceLabel;
}

/** Chips that accuracy is measured on, and their choice's seed. */
const TEST_IMAGES = 1000;
export const TEST_SEED = 1;
/** Chips that constants of a shipped model may be chosen on, none of which is a test chip. */
const VALIDATION_IMAGES = 5000;
const VALIDATION_SEED = 999;

/** Two disjoint choices of chips, and how many names there are with and without a label. */
export async function splitUtkFace(): Promise<{
  test: LabelledFile[];
  validation: LabelledFile[];
  labelled: number;
  unreadable: number;
}> {
  const all = await listImages(requireShared('data', 'utkface'));
  const labelled = all.flatMap((file): LabelledFile[] => {
    const label = parseUtkFaceName(file);
    return label === undefined ? [] : [{ file, label }];
  });
  const test = sample(labelled, TEST_IMAGES, TEST_SEED);
  const taken = new Set(test);
  const others = labelled.filter((one) => !taken.has(one));
  const validation = sample(others, VALIDATION_IMAGES, VALIDATION_SEED);
  return { test, validation, labelled: labelled.length, unreadable: all.length - labelled.length };
}

/** The largest face of each picture by the built package; if none is found the whole picture is the face. */
export async function estimateLargestFaces(
  files: readonly string[],
  options: LoadOptions,
): Promise<{ faces: FaceEstimate[]; misses: number }> {
  const entry = pathToFileURL(path.join(ROOT, 'dist', 'estimate', 'index.js')).href;
  const { AgeEstimator }: typeof import('../../src/estimate/index.js') = await import(entry);

  const estimator = await AgeEstimator.load(options);
  const found = (await estimator.estimate(files)).map(largestFace);
  await estimator.dispose();

  const missed = files.filter((_, index) => found[index] === undefined);
  const whole = await AgeEstimator.load({ ...options, cropped: true });
  const taken = (await whole.estimate(missed)).map(largestFace);
  await whole.dispose();
  return { faces: found.map((face) => face ?? taken.shift()!), misses: missed.length };
}

function largestFace(result: ImageEstimate | ImageFailure): FaceEstimate | undefined {
  if ('error' in result) throw result.error;
  return result.faces.toSorted((a, b) => faceSize(b.box) - faceSize(a.box))[0];
}
