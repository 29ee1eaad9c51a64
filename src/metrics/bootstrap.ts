/**
 * The bootstrap: how much figures would vary with another sample of faces (Efron and Tibshirani, An Introduction to the
 * Bootstrap, 1993). All faces of a person are drawn together, since they resemble each other (the cluster bootstrap:
 * Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
 */
import { Random } from '../random/index.js';
import { type Measure, quantileOfSorted, type Weights } from './measure.js';

export interface BootstrapOptions {
  /** An integer from 0: the same seed draws the same faces and gives the same intervals to the last digit. */
  readonly seed?: number;
  readonly draws?: number;
  /** The share of draws inside the interval; equal shares lie below and above. */
  readonly confidence?: number;
  /** The person of each face, as `Column.codes`; −1 if unknown: such a face is drawn by itself. */
  readonly identities?: ArrayLike<number> | undefined;
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
  const { seed, draws, confidence, identities } = { ...BOOTSTRAP, ...options };
  const values = measure();
  const drawn = Array.from(values, () => new Float64Array(draws));
  const units = unitsOf(faces, identities);
  const timesOf = unitDraws(seed, draws, units.count);
  // Without persons each face is a unit of its own.
  const weights = units.count === faces ? undefined : new Uint16Array(faces);
  for (let draw = 0; draw < draws; draw++) {
    const times = timesOf(draw);
    if (weights !== undefined) for (let i = 0; i < faces; i++) weights[i] = times[units.of[i]!]!;
    const figures = measure(weights ?? times);
    for (let n = 0; n < drawn.length; n++) drawn[n]![draw] = figures[n]!;
  }
  const tail = (1 - confidence) / 2;
  return drawn.map((column, n) => {
    const sorted = column.filter((value) => !Number.isNaN(value)).sort();
    return {
      value: values[n]!,
      low: quantileOfSorted(sorted, tail),
      high: quantileOfSorted(sorted, 1 - tail),
    };
  });
}

/** Draws are cached for the next measure with as many units, up to this many numbers in total. */
const KEPT_NUMBERS = 48e6;
const kept = new Map<string, Uint16Array>();

/** How often each unit is drawn, draw by draw, in order. */
function unitDraws(seed: number, draws: number, units: number): (draw: number) => Uint16Array {
  const random = new Random(seed);
  const fill = (times: Uint16Array) => {
    for (let u = 0; u < units; u++) times[random.below(units)]!++;
    return times;
  };
  if (draws * units > KEPT_NUMBERS) {
    const times = new Uint16Array(units);
    return () => fill(times.fill(0));
  }
  const key = `${seed} ${draws} ${units}`;
  const all = kept.get(key) ?? new Uint16Array(draws * units);
  if (!kept.delete(key)) for (let d = 0; d < draws; d++) fill(all.subarray(d * units, (d + 1) * units));
  kept.set(key, all);
  let numbers = [...kept.values()].reduce((sum, { length }) => sum + length, 0);
  for (const [oldest, { length }] of kept) {
    if (numbers <= KEPT_NUMBERS) break;
    kept.delete(oldest);
    numbers -= length;
  }
  return (draw) => all.subarray(draw * units, (draw + 1) * units);
}

/** The unit that each face is drawn with, as a number from 0. */
export function unitsOf(
  faces: number,
  identities: ArrayLike<number> | undefined,
): { readonly of: Int32Array; readonly count: number } {
  const known = new Map<number, number>();
  let count = 0;
  const of = Int32Array.from({ length: faces }, (_, i) => {
    const identity = identities?.[i] ?? -1;
    const unit = identity < 0 ? undefined : known.get(identity);
    if (unit !== undefined) return unit;
    if (identity >= 0) known.set(identity, count);
    return count++;
  });
  return { of, count };
}
