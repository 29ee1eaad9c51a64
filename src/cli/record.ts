/** What `--json` prints for a picture; the table and the CSV are made from it. */
import {
  type FaceEstimate,
  type FaceJson,
  faceJson,
  type ImageEstimate,
  roundedProbability,
} from '../estimate/index.js';

/** A face's JSON; the distribution only if requested. */
export interface FaceRecord extends Omit<FaceJson, 'distribution'> {
  readonly distribution?: FaceJson['distribution'];
  /** P(age ≥ t) by t; only if requested. */
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

/** The record of a picture that could not be estimated. */
export interface FailureRecord {
  readonly file: string;
  /** One sentence. */
  readonly error: string;
}

/** What is printed of a face besides its age. */
export interface Details {
  /** Whether to print the whole distribution. */
  readonly distribution: boolean;
  /** The ages t, in years, for which to print P(age ≥ t). */
  readonly atLeast: readonly number[];
}

export function pictureRecord(file: string, estimate: ImageEstimate, details: Details): PictureRecord {
  const { width, height, faces } = estimate;
  return { file, width, height, faces: faces.map((face) => faceRecord(face, details)) };
}

function faceRecord(face: FaceEstimate, details: Details): FaceRecord {
  const { distribution, ...record } = faceJson(face);
  return {
    ...record,
    ...(details.distribution && { distribution }),
    ...(details.atLeast.length > 0 && {
      atLeast: Object.fromEntries(details.atLeast.map((t) => [t, roundedProbability(face.atLeast(t))])),
    }),
  };
}
