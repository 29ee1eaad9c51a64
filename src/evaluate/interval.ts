/** Coverage and width of a calibrated model's interval. */
import type { ConformalInterval } from '../age/index.js';
import { type FaceTable, intervalColumns, mean, measure } from '../metrics/index.js';
import type { Evaluation } from './document.js';
import { type Draws, section } from './sections.js';

/** Undefined if no face has both a distribution and a known age. */
export function intervalFigures(
  table: FaceTable,
  interval: ConformalInterval,
  draws: Draws,
): Evaluation['interval'] {
  const { coverage, width } = intervalColumns(table, interval);
  const figures = section(
    measure({ coverage: mean(coverage), width: mean(width) }),
    table,
    draws,
    (i) => !Number.isNaN(coverage[i]!),
    { coverage: (i) => !Number.isNaN(coverage[i]!) },
  );
  return figures === null ? undefined : { ...interval, figures };
}
