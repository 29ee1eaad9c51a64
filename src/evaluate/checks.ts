/** Age checks, as a regulator reads them. */
import {
  type AgeCheck,
  binomialInterval,
  bootstrap,
  type Checked,
  challengeFor,
  checkAges,
  checkRates,
  type FaceTable,
  type Interval,
  measure as measureOf,
  rangeShares,
  sureChallengeFor,
  TEENAGERS,
  unitsOf,
} from '../metrics/index.js';
import type { Check, Evaluation } from './document.js';
import { decoded } from './parts.js';
import { type Draws, defined, figure, identitiesOf, section } from './sections.js';

/** The rates of minors passed for which a challenge age is looked for. */
export const WANTED_RATES: readonly number[] = [0.01, 0.05, 0.1];

/** How sure a challenge age is to be, one-sided. */
const SURE = 0.95;

/** How far above the threshold challenge ages go, in years: to Challenge 35 for 18, and the wanted rates further. */
const CURVE_YEARS = 17;
const SEARCH_YEARS = 40;

/**
 * One check of some faces, null where none of them has an estimate by this decoding or a label that says enough. Where no
 * or every minor passes, the bootstrap knows no doubt: the interval is then the binomial one, of as many as are persons.
 */
export function checkOf(
  table: FaceTable,
  check: AgeCheck,
  draws: Draws,
): Omit<Check, 'column' | 'name'> | null {
  const { threshold, decoding, youngest = 0 } = check;
  if (table[decoding].every(Number.isNaN)) return null;
  const checked = checkAges(table, check);
  const years = (last: number) => Array.from({ length: last + 1 }, (_, n) => threshold + n);
  const challenges = years(CURVE_YEARS);
  const rates = checkRates(checked, challenges);
  const { minors, adults } = rates();
  if (minors + adults === 0) return null;
  const search = years(SEARCH_YEARS);
  const wanted = WANTED_RATES.map((rate) => challengeFor(checked, search, rate));
  const identities = identitiesOf(table);
  const found = bootstrap(
    (weights) => {
      const { falsePositive, falseNegative } = rates(weights);
      return Object.fromEntries([
        ...falsePositive.map((rate, n) => [`positive ${n}`, rate]),
        ...falseNegative.map((rate, n) => [`negative ${n}`, rate]),
        ...wanted.map((challenge, n) => [`wanted ${n}`, challenge(weights)]),
      ]);
    },
    table.count,
    { ...draws, identities },
  );
  const persons = [0, 1].map((kind) => {
    const places = [...checked.reached.keys()].filter((i) => checked.reached[i] === kind);
    return unitsOf(places.length, identities && places.map((i) => identities[i]!)).count;
  });
  const rateOf = (name: string, of: number) => figure(doubted(found[name]!, of, draws.confidence));
  const falsePositive = challenges.map((_, n) => rateOf(`positive ${n}`, persons[0]!));
  return {
    threshold,
    decoding,
    youngest,
    minors,
    adults,
    minorsNotFound: notFound(table, checked, 0),
    adultsNotFound: notFound(table, checked, 1),
    challenges,
    falsePositive,
    falseNegative: challenges.map((_, n) => rateOf(`negative ${n}`, persons[1]!)),
    falseAdultRate: falsePositive[0]!,
    wanted: WANTED_RATES.map((rate, n) => ({
      rate,
      challenge: figure(found[`wanted ${n}`]!),
      sureChallenge: minors === 0 ? null : defined(sureChallengeFor(checked, search, rate, SURE)),
      confidence: SURE,
    })),
  };
}

/** The shares of teenagers told to be such, and of others. */
export function teenagerShares(table: FaceTable, draws: Draws): Evaluation['teenagers'] {
  return decoded((decoding) => {
    if (table[decoding].every(Number.isNaN)) return null;
    const figures = section(
      measureOf(rangeShares(table, decoding, TEENAGERS)),
      table,
      draws,
      (i) => table.low[i]! >= 0,
    );
    return figures && { ...TEENAGERS, figures };
  });
}

function notFound({ found }: FaceTable, { reached }: Checked, kind: number): number {
  return reached.reduce((sum, is, i) => sum + Number(is === kind && found[i] === 0), 0);
}

function doubted(rate: Interval, persons: number, confidence: number): Interval {
  if (rate.value !== 0 && rate.value !== 1) return rate;
  const [low, high] = binomialInterval(rate.value * persons, persons, confidence);
  return { value: rate.value, low, high };
}
