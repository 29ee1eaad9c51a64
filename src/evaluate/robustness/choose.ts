/** The faces that are estimated under changes. */
import { Random } from '../../random/index.js';
import type { PredictedFace } from '../predictions.js';

/** Separates this choice from others of the same seed. */
const CHOICE = 0x10b057;

/** Whether a face was found and has a label of age. */
export const hasKnownAge = ({ label, predictions }: Pick<PredictedFace, 'label' | 'predictions'>): boolean =>
  label !== undefined && predictions !== undefined;

/**
 * Up to `most` places of faces, drawn by a seed, in ascending order.
 * @param known the places of all faces with a known age, in ascending order
 */
export function chooseFaces(known: readonly number[], most: number, seed: number): number[] {
  return new Random(seed, CHOICE)
    .shuffle([...known])
    .slice(0, most)
    .sort((a, b) => a - b);
}
