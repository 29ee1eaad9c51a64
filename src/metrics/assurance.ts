/**
 * Age checks: a face estimated at the challenge age or older passes; all others are referred to another proof of age, as
 * are faces that were not found. The measures are those of NIST's Face Analysis Technology Evaluation, Age Estimation &
 * Verification (Hanaoka et al., NIST IR 8525, 2024).
 */
import { isBoundedBy } from './binomial.js';
import { reaches } from './calibration-error.js';
import { countCells, onceEach, orderByCell, type Weights } from './cells.js';
import type { Decoding, FaceTable } from './faces.js';
import { type Measure, means, placeIn } from './measure.js';

/** Legal ages. */
export const THRESHOLDS = [13, 16, 18, 21] as const;

export interface AgeCheck {
  /** The required age in years. */
  readonly threshold: number;
  readonly decoding: Decoding;
  /** The minimum age of the faces counted: 14 for the 14 to 17-year-olds that NIST reports for a threshold of 18. */
  readonly youngest?: number;
}

/** The faces of a check, prepared for any challenge age. */
export interface Checked {
  /** 1 if the threshold is reached, 0 if not, −1 for a face that is left out: too young, or of unknown age. */
  readonly reached: Int8Array;
  /** The estimated age in years, −Infinity if no face was found. */
  readonly estimates: Float64Array;
}

export function checkAges(table: FaceTable, { threshold, decoding, youngest = 0 }: AgeCheck): Checked {
  const estimates = checkedEstimates(table, decoding);
  const reached = reaches(table, threshold).map((is, i) =>
    Number.isNaN(estimates[i]!) || !(table.low[i]! >= youngest) ? -1 : is,
  );
  return { reached, estimates };
}

const knownEstimates = new WeakMap<Float64Array, Float64Array>();

/** The same array for all checks of a table. */
function checkedEstimates({ found, ...table }: FaceTable, decoding: Decoding): Float64Array {
  const known = knownEstimates.get(table[decoding]);
  if (known !== undefined) return known;
  const estimates = table[decoding].map((age, i) => (found[i] === 0 ? Number.NEGATIVE_INFINITY : age));
  knownEstimates.set(table[decoding], estimates);
  return estimates;
}

export interface CheckRates {
  /** The challenge ages in years, as given. */
  readonly challenges: readonly number[];
  /** The shares of minors who pass and of adults who are referred at each. NaN if there are none. */
  readonly falsePositive: readonly number[];
  readonly falseNegative: readonly number[];
  readonly minors: number;
  readonly adults: number;
}

/**
 * The rates of a check as a function of weights.
 * @param challenges in years, upwards; at the threshold itself the false positives are the false adult rate
 */
export function checkRates(
  checked: Checked,
  challenges: readonly number[],
): (weights?: Weights) => CheckRates {
  const rates = jointCheckRates([{ checked, challenges }]);
  return (weights) => rates(weights)[0]!;
}

/** A check, and the challenge ages to rate it at. */
export interface ChallengedCheck {
  readonly checked: Checked;
  readonly challenges: readonly number[];
}

/**
 * The rates of several checks of the same faces. Those of the same estimates share one pass over the faces. Rates with
 * weights hold until the next call.
 */
export function jointCheckRates(checks: readonly ChallengedCheck[]): (weights?: Weights) => CheckRates[] {
  const families: { readonly estimates: Float64Array; readonly places: number[] }[] = [];
  checks.forEach(({ checked: { estimates } }, c) => {
    const family = families.find((one) => areEqual(one.estimates, estimates));
    if (family === undefined) families.push({ estimates, places: [c] });
    else family.places.push(c);
  });
  const rates = families.map(({ places }) => ({ places, of: familyRates(places.map((c) => checks[c]!)) }));
  return (weights) => {
    const found = new Array<CheckRates>(checks.length);
    for (const { places, of } of rates) {
      of(weights).forEach((one, n) => {
        found[places[n]!] = one;
      });
    }
    return found;
  };
}

const areEqual = (a: Float64Array, b: Float64Array): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));

/** The rates of checks of the same estimates: by the number of faces of each kind that reach each of all challenge ages. */
function familyRates(checks: readonly ChallengedCheck[]): (weights?: Weights) => CheckRates[] {
  const all = Float64Array.from(new Set(checks.flatMap(({ challenges }) => challenges))).sort();
  const { estimates } = checks[0]!.checked;
  // Faces are of a kind if they have reached the thresholds of the same checks.
  const kinds = new Map<number, number>();
  const reached: number[][] = [];
  const size = all.length + 1;
  const own = Int32Array.from(estimates, (estimate, i) => {
    const key = checks.reduce((sum, { checked }) => 3 * sum + checked.reached[i]! + 1, 0);
    let kind = kinds.get(key);
    if (kind === undefined) {
      kind = reached.push(checks.map(({ checked }) => checked.reached[i]!)) - 1;
      kinds.set(key, kind);
    }
    const below = placeIn(all, estimate);
    return kind * size + below + Number(estimate === all[below]);
  });
  const places = checks.map(({ challenges }) => challenges.map((challenge) => placeIn(all, challenge)));
  const cells = orderByCell(own, reached.length * size);
  const kindsOf = (c: number, is: number) =>
    Int32Array.from(reached.flatMap((ofKind, kind) => (ofKind[c] === is ? [kind] : [])));
  const minorKinds = checks.map((_, c) => kindsOf(c, 0));
  const adultKinds = checks.map((_, c) => kindsOf(c, 1));
  const newRates = () => checks.map(({ challenges }) => ratesAt(challenges));
  const once = onceEach(own.length);
  const ofDraw = newRates();
  const counts = new Float64Array(reached.length * size);
  const [minors, adults] = [new Float64Array(size), new Float64Array(size)];
  const sumKinds = (kinds: Int32Array, sums: Float64Array) => {
    sums.fill(0);
    for (const kind of kinds) for (let met = 0; met < size; met++) sums[met]! += counts[kind * size + met]!;
  };
  return (weights) => {
    countCells(cells, weights ?? once, counts);
    // From here on, how many have reached at least so many challenge ages.
    for (let kind = 0; kind < reached.length; kind++) {
      for (let met = all.length - 1; met >= 0; met--) {
        counts[kind * size + met]! += counts[kind * size + met + 1]!;
      }
    }
    const rates = weights === undefined ? newRates() : ofDraw;
    rates.forEach((own, c) => {
      sumKinds(minorKinds[c]!, minors);
      sumKinds(adultKinds[c]!, adults);
      own.minors = minors[0]!;
      own.adults = adults[0]!;
      const at = places[c]!;
      for (let n = 0; n < at.length; n++) {
        own.falsePositive[n] = minors[at[n]! + 1]! / own.minors;
        own.falseNegative[n] = (own.adults - adults[at[n]! + 1]!) / own.adults;
      }
    });
    return rates;
  };
}

/** Rates still to be set. */
function ratesAt(challenges: readonly number[]) {
  const none = () => new Array<number>(challenges.length).fill(Number.NaN);
  return { challenges, falsePositive: none(), falseNegative: none(), minors: 0, adults: 0 };
}

/** The lowest challenge age at which no more than `rate` of the minors pass; NaN if there is none. */
export function challengeFor({ challenges, falsePositive }: CheckRates, rate: number): number {
  return challenges[falsePositive.findIndex((found) => found <= rate)] ?? Number.NaN;
}

/**
 * The lowest challenge age at which, with `confidence`, no more than `rate` of all minors pass, of whom these are a sample:
 * by the one-sided binomial bound, from the highest age down as long as the bound holds, so that the choice costs no
 * confidence (fixed sequence testing: Angelopoulos et al., Annals of Applied Statistics 19(2), 2025, "Learn then test").
 * Minors count as independent, so pass one face per person. NaN if no age meets it.
 */
export function sureChallengeFor(
  { challenges, falsePositive, minors }: CheckRates,
  rate: number,
  confidence = 0.95,
): number {
  let lowest = Number.NaN;
  for (let n = challenges.length - 1; n >= 0; n--) {
    if (!isBoundedBy(rate, Math.round(falsePositive[n]! * minors), minors, confidence)) break;
    lowest = challenges[n]!;
  }
  return lowest;
}

/** Years of age, from the birthday of `from` to the day before that of `to` + 1. */
export interface AgeRange {
  readonly from: number;
  readonly to: number;
}

/** The range of a service for teenagers, as NIST reports it. */
export const TEENAGERS: AgeRange = { from: 13, to: 16 };

/**
 * `inside`: the share of faces in the range that are estimated inside it; `into`: the share of others estimated inside it.
 * A face that was not found is not inside.
 */
export function rangeShares(
  table: FaceTable,
  decoding: Decoding,
  { from, to }: AgeRange = TEENAGERS,
): Measure {
  const old = reaches(table, from);
  const over = reaches(table, to + 1);
  const estimatedInside = Float64Array.from(table[decoding], (age, i) =>
    table.found[i] === 0 ? 0 : Number.isNaN(age) ? age : Number(age >= from && age < to + 1),
  );
  const among = (is: (i: number) => boolean) =>
    estimatedInside.map((value, i) => (is(i) ? value : Number.NaN));
  return means({
    inside: among((i) => old[i] === 1 && over[i] === 0),
    into: among((i) => old[i] === 0 || over[i] === 1),
  });
}
