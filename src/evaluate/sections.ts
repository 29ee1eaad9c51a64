/** Measures as sections of the document: with intervals, and with how many faces they are of. */
import {
  type BootstrapOptions,
  bootstrap,
  type FaceTable,
  type Interval,
  type Measure,
} from '../metrics/index.js';
import type { Figure, Section } from './document.js';

/** What intervals are made by: one choice for a whole evaluation. */
export type Draws = Required<Pick<BootstrapOptions, 'seed' | 'draws' | 'confidence'>>;

/** @param known whether a face is among those that the measure is of */
export function section(
  measure: Measure,
  table: FaceTable,
  draws: Draws,
  known: (face: number) => boolean,
): Section | null {
  let n = 0;
  for (let i = 0; i < table.count; i++) if (known(i)) n++;
  return n === 0 ? null : { n, figures: figures(measure, table, draws) };
}

/** All figures of a measure with their intervals. */
export function figures(measure: Measure, table: FaceTable, draws: Draws): Record<string, Figure> {
  const intervals = bootstrap(measure, table.count, { ...draws, identities: identitiesOf(table) });
  return Object.fromEntries(Object.entries(intervals).map(([name, interval]) => [name, figure(interval)]));
}

export const figure = ({ value, low, high }: Interval): Figure => ({
  value: defined(value),
  low: defined(low),
  high: defined(high),
});

/** What JSON has for a number that is none. */
export const defined = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A number for each person, −1 where nobody knows: a name means the same person within its set alone. */
export function identitiesOf({ columns, count }: FaceTable): Int32Array | undefined {
  const identity = columns.get('identity');
  if (identity === undefined) return undefined;
  const sets = columns.get('set')?.codes ?? new Int32Array(count);
  return identity.codes.map((code, i) => (code < 0 ? -1 : code + (sets[i]! + 1) * identity.values.length));
}
