/**
 * The bootstrap: how far figures would move if other faces had been drawn (Efron and Tibshirani, An Introduction to the
 * Bootstrap, 1993). Faces of one person are drawn together or not at all, since they resemble each other (the cluster
 * bootstrap: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
 */
import { Random } from '../random/index.js';
import { type Measure, quantileOf } from './measure.js';

export interface BootstrapOptions {
  /** An integer from 0: the same seed draws the same faces, and so gives the same interval to the last digit. */
  readonly seed?: number;
  readonly draws?: number;
  /** The share of draws inside the interval, as many being left out below as above. */
  readonly confidence?: number;
  /** The person on each face, as `Column.codes`; −1 if nobody knows, whose face is drawn alone. */
  readonly identities?: ArrayLike<number> | undefined;
}

/** What `bootstrap` does if it is not told otherwise. */
export const BOOTSTRAP = { seed: 0, draws: 1000, confidence: 0.95 } as const;

/** A figure and the interval that it is likely to lie in; NaN if it is not defined. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile intervals of all figures of a measure, from the same draws. The interval of a `difference` of two measures
 * of the same faces is the paired bootstrap's.
 * @param faces the number of faces that the measure is of
 */
export function bootstrap(
  measure: Measure,
  faces: number,
  options: BootstrapOptions = {},
): Readonly<Record<string, Interval>> {
  const { seed, draws, confidence, identities } = { ...BOOTSTRAP, ...options };
  const values = measure();
  const names = Object.keys(values);
  const drawn = new Map(names.map((name) => [name, new Float64Array(draws)]));
  const units = unitsOf(faces, identities);
  const random = new Random(seed);
  const times = new Uint32Array(units.count);
  const weights = new Uint32Array(faces);
  for (let draw = 0; draw < draws; draw++) {
    times.fill(0);
    for (let u = 0; u < units.count; u++) times[random.below(units.count)]!++;
    for (let i = 0; i < faces; i++) weights[i] = times[units.of[i]!]!;
    const figures = measure(weights);
    for (const name of names) drawn.get(name)![draw] = figures[name] ?? Number.NaN;
  }
  const tail = (1 - confidence) / 2;
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        value: values[name]!,
        low: quantileOf(drawn.get(name)!, tail)(),
        high: quantileOf(drawn.get(name)!, 1 - tail)(),
      },
    ]),
  );
}

/** What is drawn together: a number from 0 for each face. */
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
