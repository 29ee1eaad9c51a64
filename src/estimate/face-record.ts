/** A face's JSON with what was asked for of it: what the command line prints and the server answers. */
import { probabilityAtLeast } from '../age/index.js';
import type { FaceData } from './face-data.js';
import { type FaceJson, faceJson, roundedProbability } from './face-json.js';

/** What is told of a face besides its age. */
export interface FaceDetails {
  /** Whether to tell the whole distribution. */
  readonly distribution: boolean;
  /** The ages t, in years, for which to tell P(age ≥ t). */
  readonly atLeast: readonly number[];
}

/** A face's JSON; the distribution only if requested. */
export interface FaceRecord extends Omit<FaceJson, 'distribution'> {
  readonly distribution?: FaceJson['distribution'];
  /** P(age ≥ t) by t; only if requested. */
  readonly atLeast?: Readonly<Record<string, number>>;
}

export function faceRecord(face: FaceData, details: FaceDetails): FaceRecord {
  const { distribution, ...record } = faceJson(face);
  const probability = (t: number) => roundedProbability(probabilityAtLeast(face.distribution, t));
  return {
    ...record,
    ...(details.distribution && { distribution }),
    ...(details.atLeast.length > 0 && {
      atLeast: Object.fromEntries(details.atLeast.map((t) => [t, probability(t)])),
    }),
  };
}
