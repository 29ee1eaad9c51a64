/** The reliability of P(age ≥ threshold). */
import {
  areaUnderCurve,
  calibrationError,
  type FaceTable,
  measure,
  probabilitiesAtLeast,
  reaches,
  reliability,
} from '../metrics/index.js';
import type { Reliability } from './document.js';
import { type Draws, defined, section } from './sections.js';

/** Over faces with distributions whose labels are all below the threshold or all at or above it; null if there are none. */
export function thresholdReliability(
  table: FaceTable,
  threshold: number,
  bins: number,
  draws: Draws,
): Reliability | null {
  const probabilities = probabilitiesAtLeast(table, threshold);
  const reached = reaches(table, threshold);
  const figures = section(
    measure({
      calibrationError: calibrationError(probabilities, reached, bins),
      auc: areaUnderCurve(probabilities, reached),
    }),
    table,
    draws,
    (i) => reached[i]! >= 0 && !Number.isNaN(probabilities[i]!),
  );
  if (figures === null) return null;
  return {
    threshold,
    bins: reliability(probabilities, reached, bins).map(
      ({ from, to, count, predicted: mean, true: share }) => ({
        from,
        to,
        n: count,
        predicted: defined(mean),
        true: defined(share),
      }),
    ),
    figures,
  };
}
