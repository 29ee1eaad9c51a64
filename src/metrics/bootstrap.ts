/**
 * The bootstrap: how much figures would vary with another sample of faces (Efron and Tibshirani, An Introduction to the
 * Bootstrap, 1993). All faces of a person are drawn together, since they resemble each other (the cluster bootstrap:
 * Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
 */
import { Random } from '../random/index.js';
import { Draw, TOGETHER, type Weights } from './cells.js';
import { type Measure, quantileOf } from './measure.js';

export interface BootstrapOptions {
  /** An integer from 0: the same seed draws the same faces and gives the same intervals to the last digit. */
  readonly seed?: number;
  readonly draws?: number;
  /** The share of draws inside the interval; equal shares lie below and above. */
  readonly confidence?: number;
  /** The person of each face, as `Column.codes`; −1 if unknown: such a face is drawn by itself. */
  readonly identities?: ArrayLike<number> | undefined;
  /** If the faces are some of a larger set, that set is drawn, so that all its groups share its draws. */
  readonly among?: Among | undefined;
}

/** Faces as part of a larger set. */
export interface Among {
  /** The place of each face in the set. */
  readonly places: ArrayLike<number>;
  /** The number of faces of the set. */
  readonly faces: number;
  /** The persons of the set's faces, as in `BootstrapOptions`. */
  readonly identities: ArrayLike<number> | undefined;
}

/** The default options of `bootstrap`. */
export const BOOTSTRAP = { seed: 0, draws: 1000, confidence: 0.95 } as const;

/** A figure and its confidence interval; NaN if undefined. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile intervals of all figures of a measure, from the same draws. For a `difference` of two measures of the same
 * faces this is the paired bootstrap.
 * @param faces the number of faces of the measure
 */
export function bootstrap(
  measure: Measure,
  faces: number,
  options: BootstrapOptions = {},
): Readonly<Record<string, Interval>> {
  const names = Object.keys(measure());
  const found = bootstrapList(
    (weights) => {
      const figures = measure(weights);
      return names.map((name) => figures[name] ?? Number.NaN);
    },
    faces,
    options,
  );
  return Object.fromEntries(names.map((name, n) => [name, found[n]!]));
}

/** The same for figures in a list, which is faster for hundreds of them. */
export function bootstrapList(
  measure: (weights?: Weights) => ArrayLike<number>,
  faces: number,
  options: BootstrapOptions = {},
): Interval[] {
  const { seed, draws, confidence, identities, among } = { ...BOOTSTRAP, ...options };
  const values = measure();
  const size = values.length;
  const drawn = Array.from({ length: size }, () => new Float64Array(draws));
  // Figures are passed on to their columns a few draws at a time, since these lie far apart in memory.
  const some = new Float64Array(TOGETHER * size);
  const units = unitsOf(among?.faces ?? faces, among ? among.identities : identities);
  // Without persons each face of a whole set is a unit of its own.
  const unitOf = among
    ? Int32Array.from(among.places, (place) => units.of[place]!)
    : units.count === faces
      ? undefined
      : units.of;
  const timesOf = unitDraws(seed, draws, units.count);
  for (let from = 0; from < draws; from += TOGETHER) {
    const together = { times: timesOf(from / TOGETHER), unitOf };
    const count = Math.min(TOGETHER, draws - from);
    for (let place = 0; place < count; place++) some.set(measure(new Draw(together, place)), place * size);
    drawn.forEach((column, n) => {
      for (let place = 0; place < count; place++) column[from + place] = some[place * size + n]!;
    });
  }
  const tail = (1 - confidence) / 2;
  return drawn.map((column, n) => {
    let count = 0;
    for (let draw = 0; draw < draws; draw++)
      if (!Number.isNaN(column[draw]!)) column[count++] = column[draw]!;
    const known = column.subarray(0, count);
    return { value: values[n]!, low: quantileOf(known, tail), high: quantileOf(known, 1 - tail) };
  });
}

/** The last draws are kept for the next measures with as many units, unless there are more numbers than these. */
const MOST_KEPT = 48e6;
let kept: { readonly key: string; readonly blocks: readonly Uint16Array[] } | undefined;

/** How often each unit is drawn, `[units, TOGETHER]`, block by block of draws, in order. */
function unitDraws(seed: number, draws: number, units: number): (block: number) => Uint16Array {
  const random = new Random(seed);
  const blockOf = (block: number) => drawUnits(random, Math.min(TOGETHER, draws - block * TOGETHER), units);
  if (draws * units > MOST_KEPT) return blockOf;
  const key = `${seed} ${draws} ${units}`;
  if (kept?.key !== key) {
    kept = { key, blocks: Array.from({ length: Math.ceil(draws / TOGETHER) }, (_, block) => blockOf(block)) };
  }
  const { blocks } = kept;
  return (block) => blocks[block]!;
}

function drawUnits(random: Random, draws: number, units: number): Uint16Array {
  const rows = Array.from({ length: draws }, () => {
    const row = new Uint16Array(units);
    for (let u = 0; u < units; u++) row[random.below(units)]!++;
    return row;
  });
  const times = new Uint16Array(units * TOGETHER);
  for (let from = 0; from < units; from += IN_CACHE) {
    const to = Math.min(units, from + IN_CACHE);
    for (let place = 0; place < draws; place++) {
      const row = rows[place]!;
      for (let u = from; u < to; u++) times[u * TOGETHER + place] = row[u]!;
    }
  }
  return times;
}

/** The number of units whose times stay in the processor's first cache. */
const IN_CACHE = 512;

/** The unit that each face is drawn with, as a number from 0. */
export function unitsOf(
  faces: number,
  identities: ArrayLike<number> | undefined,
): { readonly of: Int32Array; readonly count: number } {
  const known = new Map<number, number>();
  const of = new Int32Array(faces);
  let count = 0;
  for (let i = 0; i < faces; i++) {
    const identity = identities?.[i] ?? -1;
    const unit = identity < 0 ? undefined : known.get(identity);
    of[i] = unit ?? count;
    if (unit !== undefined) continue;
    if (identity >= 0) known.set(identity, count);
    count++;
  }
  return { of, count };
}
