/** Near-duplicates whose labels contradict each other: of the same picture, at most one label can be right. */
import { GENDER_NAMES } from './types.js';

/**
 * The maximum age difference within a group of near-duplicates: similar photographs may have been taken on one evening,
 * and labels are rounded.
 */
export const SAME_AGE_YEARS = 5;

const UNKNOWN = GENDER_NAMES.indexOf('unknown');

export interface ConflictingGroup {
  readonly rows: readonly number[];
  readonly years: number;
  readonly genders: boolean;
}

/** Columns of labels as in LabelColumns. */
export interface ComparedLabels {
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly gender: Uint8Array;
}

/** The groups whose ages differ by more than SAME_AGE_YEARS or whose genders differ, the widest first. */
export function conflictingGroups(
  groups: readonly (readonly number[])[],
  labels: ComparedLabels,
): ConflictingGroup[] {
  return groups
    .map((rows) => ({ rows, years: yearsApart(rows, labels), genders: gendersDiffer(rows, labels) }))
    .filter(({ years, genders }) => years > SAME_AGE_YEARS || genders)
    .sort((a, b) => b.years - a.years || a.rows[0]! - b.rows[0]!);
}

/** From the end of the youngest to the beginning of the oldest; 0 if they meet. */
function yearsApart(rows: readonly number[], { from, to }: ComparedLabels): number {
  let [latestBegin, earliestEnd] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const row of rows) {
    if (Number.isNaN(from[row]!)) continue;
    latestBegin = Math.max(latestBegin, from[row]!);
    earliestEnd = Math.min(earliestEnd, to[row]!);
  }
  return Math.max(0, latestBegin - earliestEnd);
}

function gendersDiffer(rows: readonly number[], { gender }: ComparedLabels): boolean {
  const known = rows.map((row) => gender[row]!).filter((code) => code !== UNKNOWN);
  return new Set(known).size > 1;
}

/** At most `most` rows of a group that show its contradiction: each label once, youngest first. */
export function representatives(rows: readonly number[], labels: ComparedLabels, most: number): number[] {
  const { from, to, gender } = labels;
  const byLabel = new Map(rows.toReversed().map((row) => [`${from[row]} ${to[row]} ${gender[row]}`, row]));
  const labelled = [...byLabel.values()].sort((a, b) => (from[a]! || 0) - (from[b]! || 0) || a - b);
  if (labelled.length <= most) return labelled;
  const young = Math.ceil(most / 2);
  return [...labelled.slice(0, young), ...labelled.slice(young - most)];
}
