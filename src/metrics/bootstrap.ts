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
  const drawn = Array.from(values, () => new Float64Array(draws));
  const units = unitsOf(among?.faces ?? faces, among ? among.identities : identities);
  const unitOf = among ? Int32Array.from(among.places, (place) => units.of[place]!) : units.of;
  const timesOf = unitDraws(seed, draws, units.count);
  // Without persons each face of a whole set is a unit of its own.
  const weights = among === undefined && units.count === faces ? undefined : new Uint16Array(faces);
  for (let draw = 0; draw < draws; draw++) {
    const times = timesOf(draw);
    if (weights !== undefined) pick(times, unitOf, weights);
    const figures = measure(weights ?? times);
    for (let n = 0; n < drawn.length; n++) drawn[n]![draw] = figures[n]!;
  }
  const tail = (1 - confidence) / 2;
  return drawn.map((column, n) => {
    // NaN comes last.
    column.sort();
    const unknown = column.findLastIndex((value) => !Number.isNaN(value)) + 1;
    const sorted = column.subarray(0, unknown);
    return {
      value: values[n]!,
      low: quantileOfSorted(sorted, tail),
      high: quantileOfSorted(sorted, 1 - tail),
    };
  });
}

function pick(times: Uint16Array, unitOf: Int32Array, weights: Uint16Array): void {
  for (let i = 0; i < weights.length; i++) weights[i] = times[unitOf[i]!]!;
}

/** The last draws are kept for the next measures with as many units, unless there are more numbers than these. */
const MOST_KEPT = 48e6;
let kept: { readonly key: string; readonly all: Uint16Array } | undefined;

/** How often each unit is drawn, draw by draw, in order. */
function unitDraws(seed: number, draws: number, units: number): (draw: number) => Uint16Array {
  const random = new Random(seed);
  if (draws * units > MOST_KEPT) {
    const times = new Uint16Array(units);
    return () => drawUnits(random, times.fill(0));
  }
  const key = `${seed} ${draws} ${units}`;
  if (kept?.key !== key) {
    const all = new Uint16Array(draws * units);
    for (let d = 0; d < draws; d++) drawUnits(random, all.subarray(d * units, (d + 1) * units));
    kept = { key, all };
  }
  const { all } = kept;
  return (draw) => all.subarray(draw * units, (draw + 1) * units);
}

function drawUnits(random: Random, times: Uint16Array): Uint16Array {
  const units = times.length;
  for (let u = 0; u < units; u++) times[random.below(units)]!++;
  return times;
}

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
