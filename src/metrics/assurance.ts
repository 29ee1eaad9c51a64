/**
 * Age checks: a face estimated at the challenge age or older passes; all others are referred to another proof of age, as
 * are faces that were not found. The measures are those of NIST's Face Analysis Technology Evaluation, Age Estimation &
 * Verification (Hanaoka et al., NIST IR 8525, 2024).
 */
import { binomialUpperBound } from './binomial.js';
import { reaches } from './calibration-error.js';
import type { Decoding, FaceTable } from './faces.js';
import { mean, type Statistic, type Weights } from './measure.js';

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
  const estimates = Float64Array.from(table[decoding], (age, i) =>
    table.found[i] === 0 ? Number.NEGATIVE_INFINITY : age,
  );
  const reached = reaches(table, threshold).map((is, i) =>
    Number.isNaN(estimates[i]!) || !(table.low[i]! >= youngest) ? -1 : is,
  );
  return { reached, estimates };
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

/** The rates of several checks of the same faces, in one pass over them. */
export function jointCheckRates(
  checks: readonly { readonly checked: Checked; readonly challenges: readonly number[] }[],
): (weights?: Weights) => CheckRates[] {
  const cells = checks.map(({ checked, challenges }) => checkCells(checked, challenges));
  const faces = cells[0]?.length ?? 0;
  // Faces that reach the same challenge ages in all checks are counted together.
  let kinds = new Int32Array(faces);
  let cellsOfKind: number[][] = [[]];
  for (const own of cells) {
    const known = new Map<number, number>();
    const next: number[][] = [];
    kinds = kinds.map((kind, i) => {
      const key = kind * (MOST_CHALLENGES + 1) * 2 + own[i]! + 1;
      let place = known.get(key);
      if (place === undefined) {
        place = next.length;
        known.set(key, place);
        next.push([...cellsOfKind[kind]!, own[i]!]);
      }
      return place;
    });
    cellsOfKind = next;
  }
  return (weights) => {
    const totals = new Float64Array(cellsOfKind.length);
    for (let i = 0; i < faces; i++) totals[kinds[i]!]! += weights === undefined ? 1 : weights[i]!;
    return checks.map(({ challenges }, c) => {
      const size = challenges.length + 1;
      const counts = new Float64Array(2 * size);
      for (let kind = 0; kind < totals.length; kind++) {
        const cell = cellsOfKind[kind]![c]!;
        if (cell >= 0) counts[cell]! += totals[kind]!;
      }
      const [minorsPassing, minors] = passing(counts, 0, size);
      const [adultsPassing, adults] = passing(counts, size, size);
      return {
        challenges,
        falsePositive: minorsPassing.map((passed) => passed / minors),
        falseNegative: adultsPassing.map((passed) => (adults - passed) / adults),
        minors,
        adults,
      };
    });
  };
}

const MOST_CHALLENGES = 1000;

/** For each face, whether it has reached the threshold and how many challenge ages its estimate reaches; −1 if it is left out. */
function checkCells({ reached, estimates }: Checked, challenges: readonly number[]): Int32Array {
  return Int32Array.from(reached, (is, i) => {
    if (is < 0) return -1;
    let met = 0;
    while (met < challenges.length && estimates[i]! >= challenges[met]!) met++;
    return is * (challenges.length + 1) + met;
  });
}

/** How many faces reach each challenge age, and how many there are, from the counts that start at an index. */
function passing(counts: Float64Array, from: number, kinds: number): [passed: number[], all: number] {
  const passed = new Array<number>(kinds - 1);
  let sum = 0;
  for (let met = kinds - 1; met > 0; met--) {
    sum += counts[from + met]!;
    passed[met - 1] = sum;
  }
  return [passed, sum + counts[from]!];
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
    if (!(binomialUpperBound(Math.round(falsePositive[n]! * minors), minors, confidence) <= rate)) break;
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
): { readonly inside: Statistic; readonly into: Statistic } {
  const old = reaches(table, from);
  const over = reaches(table, to + 1);
  const estimatedInside = Float64Array.from(table[decoding], (age, i) =>
    table.found[i] === 0 ? 0 : Number.isNaN(age) ? age : Number(age >= from && age < to + 1),
  );
  const among = (is: (i: number) => boolean) =>
    mean(estimatedInside.map((value, i) => (is(i) ? value : Number.NaN)));
  return {
    inside: among((i) => old[i] === 1 && over[i] === 0),
    into: among((i) => old[i] === 0 || over[i] === 1),
  };
}
