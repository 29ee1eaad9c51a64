/** Measures as sections of the document, with intervals and the number of faces. */
import {
  type BootstrapOptions,
  binomialInterval,
  bootstrap,
  bootstrapList,
  type FaceTable,
  type Interval,
  type Measure,
  unitsOf,
} from '../metrics/index.js';
import type { Figure, Section } from './document.js';

/** The bootstrap's settings, the same for a whole evaluation; for the faces of a group, also their places among all. */
export type Draws = Required<Pick<BootstrapOptions, 'seed' | 'draws' | 'confidence'>> &
  Pick<BootstrapOptions, 'among'>;

/** The settings for some of the faces of a table: groups share the draws of all faces. */
export const drawsAmong = (table: FaceTable, places: readonly number[], draws: Draws): Draws => ({
  ...draws,
  among: { places, faces: table.count, identities: identitiesOf(table) },
});

/** A measure and its faces. */
export interface Subject {
  readonly measure: Measure;
  /** Whether a face counts in it. */
  readonly known: (face: number) => boolean;
  /** Its figures that are shares of some faces, and whether a face is one of these. */
  readonly shares?: Shares;
}

type Shares = Readonly<Record<string, (face: number) => boolean>>;

/** The names of figures that are all shares of the same faces. */
export const sharesOf = (names: readonly string[], isOne: (face: number) => boolean): Shares =>
  Object.fromEntries(names.map((name) => [name, isOne]));

/** Sections of several measures from the same draws, so that faces are drawn once; null for a measure without faces. */
export function sections<K extends string>(
  table: FaceTable,
  draws: Draws,
  subjects: Readonly<Record<K, Subject>>,
): Record<K, Section | null> {
  const counted = (Object.entries(subjects) as [K, Subject][]).map(([key, subject]) => {
    let n = 0;
    for (let i = 0; i < table.count; i++) if (subject.known(i)) n++;
    return { key, n, ...subject };
  });
  const requested = counted.filter(({ n }) => n > 0);
  const names = requested.map(({ measure }) => Object.keys(measure()));
  // A list, since the bootstrap calls this a thousand times.
  const found = bootstrapList(
    (weights) => requested.flatMap(({ measure }) => Object.values(measure(weights))),
    table.count,
    { ...draws, identities: identitiesOf(table) },
  );
  let from = 0;
  const own = new Map(
    requested.map(({ key, shares }, s) => {
      const intervals = found.slice(from, from + names[s]!.length);
      from += names[s]!.length;
      const ofName = (name: string, interval: Interval): [string, Figure] => {
        const isOne = shares?.[name];
        if (isOne === undefined) return [name, figure(interval)];
        return [name, shareFigure(interval, personsAmong(table, isOne), draws.confidence)];
      };
      return [key, Object.fromEntries(names[s]!.map((name, n) => ofName(name, intervals[n]!)))];
    }),
  );
  return Object.fromEntries(
    counted.map(({ key, n }) => [key, n === 0 ? null : { n, figures: own.get(key)! }]),
  ) as Record<K, Section | null>;
}

/** The section of a single measure. */
export const section = (
  measure: Measure,
  table: FaceTable,
  draws: Draws,
  known: Subject['known'],
  shares: Shares = {},
): Section | null => sections(table, draws, { only: { measure, known, shares } }).only;

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

/**
 * A share of some faces. A share of 0 or 1 is the same in every draw, however few they are: its interval is then Clopper and
 * Pearson's over persons.
 * @param persons the number of persons among them
 */
export function shareFigure(share: Interval, persons: () => number, confidence: number): Figure {
  if (share.value !== 0 && share.value !== 1) return figure(share);
  const count = persons();
  const [low, high] = binomialInterval(share.value * count, count, confidence);
  return figure({ value: share.value, low, high });
}

/** The number of persons among some faces, counted when it is first asked for; each face of an unknown person counts. */
export function personsAmong(table: FaceTable, isOne: (face: number) => boolean): () => number {
  let count: number | undefined;
  return () => {
    if (count === undefined) {
      const identities = identitiesOf(table);
      const places = Array.from({ length: table.count }, (_, i) => i).filter(isOne);
      count = unitsOf(places.length, identities && places.map((i) => identities[i]!)).count;
    }
    return count;
  };
}

/** JSON has no NaN: null takes its place. */
export const defined = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A number for each person, −1 if unknown: a name means the same person only within its data set. */
export function identitiesOf({ columns, count }: FaceTable): Int32Array | undefined {
  const identity = columns.get('identity');
  if (identity === undefined) return undefined;
  const sets = columns.get('set')?.codes ?? new Int32Array(count);
  return identity.codes.map((code, i) => (code < 0 ? -1 : code + (sets[i]! + 1) * identity.values.length));
}
