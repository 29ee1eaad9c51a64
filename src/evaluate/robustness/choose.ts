/** The faces that are estimated under changes. */
import { Random } from '../../random/index.js';
import type { PredictedFace } from '../predictions.js';

/** Separates this choice from others of the same seed. */
const CHOICE = 0x10b057;

/** The places of up to `most` of the faces that were found and have a label of age, drawn by a seed, in ascending order. */
export function chooseFaces(faces: readonly PredictedFace[], most: number, seed: number): number[] {
  const known = faces.flatMap(({ label, predictions }, i) =>
    label !== undefined && predictions !== undefined ? [i] : [],
  );
  return new Random(seed, CHOICE)
    .shuffle(known)
    .slice(0, most)
    .sort((a, b) => a - b);
}
