/** Figures from the ages that models predict for faces under changes. */
import { bootstrapList, type FaceTable, unitsOf, weightOf, yearsOff } from '../../metrics/index.js';
import type { Robustness } from '../document.js';
import { type Draws, figure, identitiesOf } from '../sections.js';
import type { AgesUnderChanges } from './ages.js';
import { CHANGE_KINDS, FLIP, PLAIN, VIEW } from './changes.js';

/**
 * Curves of the error over each kind of change, and how far the estimates of views of one face lie apart.
 * @param table of all faces that could be read
 * @param rows the row in `table` of each picture
 * @param models the places of the models whose mean is measured
 * @returns undefined where no face has an age
 */
export function robustnessFigures(
  { changes, faces }: AgesUnderChanges,
  table: FaceTable,
  rows: readonly number[],
  models: readonly number[],
  draws: Draws,
): Robustness | undefined {
  const known = faces.filter(({ face }) => !Number.isNaN(table.low[rows[face]!]!));
  if (known.length === 0) return undefined;
  const ages = known.map(({ ages: each }) =>
    Float64Array.from(each, (of) => models.reduce((sum, m) => sum + of[m]! / models.length, 0)),
  );
  const errors = known.map(({ face }, i) => {
    const [low, high] = [table.low[rows[face]!]!, table.high[rows[face]!]!];
    return ages[i]!.map((age) => yearsOff(age, { from: low, to: high }));
  });
  const plain = changes.findIndex(({ kind }) => kind === PLAIN);
  const flip = changes.findIndex(({ kind }) => kind === FLIP);
  const views = changes.flatMap(({ kind }, c) => ([PLAIN, FLIP, VIEW].includes(kind) ? [c] : []));
  const spreads = ages.map((own) => spreadOf(views.map((c) => own[c]!)));
  // For each face: errors, what they are above that of the face as it is, and how far the estimates of its views lie apart.
  const values = errors.map((own, i) => [
    ...own,
    ...own.map((error) => error - own[plain]!),
    spreads[i]!.deviation,
    spreads[i]!.range,
    Math.abs(ages[i]![flip]! - ages[i]![plain]!),
  ]);
  const identities = identitiesOf(table);
  const persons = identities && known.map(({ face }) => identities[rows[face]!]!);
  const found = bootstrapList(
    (weights) => {
      const sums = new Float64Array(values[0]!.length);
      let count = 0;
      values.forEach((own, i) => {
        const weight = weights === undefined ? 1 : weightOf(weights, i);
        count += weight;
        for (let n = 0; n < sums.length; n++) sums[n]! += weight * own[n]!;
      });
      return sums.map((sum) => sum / count);
    },
    known.length,
    { ...draws, identities: persons },
  ).map(figure);
  const kinds = Object.keys(CHANGE_KINDS).filter((name) => changes.some(({ kind }) => kind === name));
  const last = 2 * changes.length;
  return {
    faces: known.length,
    units: unitsOf(known.length, persons).count,
    plain: found[plain]!,
    curves: kinds.map((kind) => ({
      kind,
      levels: changes.flatMap((change, c) =>
        change.kind === kind
          ? [{ level: change.level, mae: found[c]!, change: found[changes.length + c]! }]
          : [],
      ),
    })),
    views: {
      count: views.length,
      deviation: found[last]!,
      range: found[last + 1]!,
      flip: found[last + 2]!,
    },
  };
}

/** The standard deviation of some numbers, and the distance of the largest from the smallest. */
function spreadOf(values: readonly number[]): { readonly deviation: number; readonly range: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    deviation: Math.sqrt(squares / values.length),
    range: Math.max(...values) - Math.min(...values),
  };
}
