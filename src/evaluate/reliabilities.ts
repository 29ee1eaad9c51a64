/** Whether P(age ≥ threshold) is true as often as it says. */
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

/** Of faces with distributions whose label says whether they have reached the threshold; null where there are none. */
export function thresholdReliability(
  table: FaceTable,
  threshold: number,
  bins: number,
  draws: Draws,
): Reliability | null {
  const said = probabilitiesAtLeast(table, threshold);
  const reached = reaches(table, threshold);
  const figures = section(
    measure({
      calibrationError: calibrationError(said, reached, bins),
      auc: areaUnderCurve(said, reached),
    }),
    table,
    draws,
    (i) => reached[i]! >= 0 && !Number.isNaN(said[i]!),
  );
  if (figures === null) return null;
  return {
    threshold,
    bins: reliability(said, reached, bins).map(({ from, to, count, said: mean, true: share }) => ({
      from,
      to,
      n: count,
      said: defined(mean),
      true: defined(share),
    })),
    figures,
  };
}
