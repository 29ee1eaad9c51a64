/** A face's JSON with the requested details, as printed by the command line and returned by the server. */
import { probabilityAtLeast } from '../age/index.js';
import type { FaceData } from './face-data.js';
import { type FaceJson, faceJson, roundedProbability } from './face-json.js';

/** Optional details of a face. */
export interface FaceDetails {
  /** Whether to include the whole distribution. */
  readonly distribution: boolean;
  /** The ages t, in years, for which to include P(age ≥ t). */
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
