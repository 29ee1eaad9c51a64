/** Age checks: the error rates that regulators ask for. */
import { CHALLENGE_YEARS } from '../estimate/about.js';
import {
  type AgeCheck,
  bootstrap,
  bootstrapList,
  type Checked,
  challengeFor,
  checkAges,
  type FaceTable,
  jointCheckRates,
  means,
  rangeShares,
  reaches,
  sureChallengeFor,
  TEENAGERS,
} from '../metrics/index.js';
import type { Check, Evaluation } from './document.js';
import { decoded } from './parts.js';
import { type Draws, defined, figure, identitiesOf, personsAmong, section, shareFigure } from './sections.js';

/** The rates of passing minors for which a challenge age is sought. */
const WANTED_RATES: readonly number[] = [0.01, 0.05, 0.1];

/** The one-sided confidence of a sought challenge age. */
const SURE = 0.95;

/** The highest challenge ages of curves and of wanted rates, in years above the threshold: Challenge 35 for 18. */
const CURVE_YEARS = 17;
const SEARCH_YEARS = 40;

/** The layout of a check's figures in a draw: minors passed and adults referred along the curve, then the wanted rates. */
const NEGATIVES = CURVE_YEARS + 1;
const WANTED = 2 * NEGATIVES;
const PER_CHECK = WANTED + WANTED_RATES.length;

/**
 * Checks of some faces, all from the same draws. A check without any face that has an estimate and a usable label is left
 * out.
 */
export function checksOf(
  table: FaceTable,
  checks: readonly Required<AgeCheck>[],
  draws: Draws,
): Omit<Check, 'column' | 'name' | 'older'>[] {
  const prepared = checks.flatMap((check) => {
    if (table[check.decoding].every(Number.isNaN)) return [];
    const checked = checkAges(table, check);
    const challenges = Array.from({ length: SEARCH_YEARS + 1 }, (_, n) => check.threshold + n);
    return checked.reached.every((is) => is < 0) ? [] : [{ check, checked, challenges }];
  });
  const rates = jointCheckRates(prepared);
  const whole = rates();
  const identities = identitiesOf(table);
  const found = bootstrapList(
    (weights) => {
      const drawn = new Float64Array(prepared.length * PER_CHECK);
      rates(weights).forEach((of, c) => {
        const from = c * PER_CHECK;
        for (let n = 0; n <= CURVE_YEARS; n++) {
          drawn[from + n] = of.falsePositive[n]!;
          drawn[from + NEGATIVES + n] = of.falseNegative[n]!;
        }
        WANTED_RATES.forEach((rate, w) => {
          drawn[from + WANTED + w] = challengeFor(of, rate);
        });
      });
      return drawn;
    },
    table.count,
    { ...draws, identities },
  );
  return prepared.map(({ check, checked }, c) => {
    const all = whole[c]!;
    const challenges = all.challenges.slice(0, CURVE_YEARS + 1);
    const curve = (from: number, kind: number) => {
      const persons = personsAmong(table, (i) => checked.reached[i] === kind);
      return challenges.map((_, n) =>
        shareFigure(found[c * PER_CHECK + from + n]!, persons, draws.confidence),
      );
    };
    const falsePositive = curve(0, 0);
    return {
      ...check,
      minors: all.minors,
      adults: all.adults,
      minorsNotFound: notFound(table, checked, 0),
      adultsNotFound: notFound(table, checked, 1),
      challenges,
      falsePositive,
      falseNegative: curve(NEGATIVES, 1),
      falseAdultRate: falsePositive[0]!,
      wanted: WANTED_RATES.map((rate, w) => ({
        rate,
        challenge: figure(found[c * PER_CHECK + WANTED + w]!),
        sureChallenge: all.minors === 0 ? null : defined(sureChallengeFor(all, rate, SURE)),
        confidence: SURE,
      })),
    };
  });
}

/** For each check, the share referred of those at least as old as its usual challenge age; null if there are none. */
export function olderReferred(table: FaceTable, checks: readonly AgeCheck[], draws: Draws): Check['older'][] {
  if (checks.length === 0) return [];
  const identities = identitiesOf(table);
  const all = checks.map(({ threshold, decoding }) => {
    const age = threshold + CHALLENGE_YEARS;
    const checked = checkAges(table, { threshold: age, decoding });
    const referred = Float64Array.from(checked.reached, (is, i) =>
      is === 1 ? Number(checked.estimates[i]! < age) : Number.NaN,
    );
    return { age, checked, referred, faces: referred.filter((value) => !Number.isNaN(value)).length };
  });
  const columns = Object.fromEntries(all.map(({ referred }, c) => [`${c}`, referred]));
  const shares = bootstrap(means(columns), table.count, { ...draws, identities });
  return all.map(({ age, checked, faces }, c) =>
    faces === 0
      ? null
      : {
          age,
          faces,
          referred: shareFigure(
            shares[c]!,
            personsAmong(table, (i) => checked.reached[i] === 1),
            draws.confidence,
          ),
        },
  );
}

/** The shares of teenagers, and of others, estimated as teenagers. */
export function teenagerShares(table: FaceTable, draws: Draws): Evaluation['teenagers'] {
  return decoded((decoding) => {
    if (table[decoding].every(Number.isNaN)) return null;
    const [old, over] = [TEENAGERS.from, TEENAGERS.to + 1].map((age) => reaches(table, age)) as [
      Int8Array,
      Int8Array,
    ];
    const isEstimated = (i: number) => table.found[i] === 0 || !Number.isNaN(table[decoding][i]!);
    const figures = section(
      rangeShares(table, decoding, TEENAGERS),
      table,
      draws,
      (i) => table.low[i]! >= 0,
      {
        inside: (i) => isEstimated(i) && old[i] === 1 && over[i] === 0,
        into: (i) => isEstimated(i) && (old[i] === 0 || over[i] === 1),
      },
    );
    return figures && { ...TEENAGERS, figures };
  });
}

function notFound({ found }: FaceTable, { reached }: Checked, kind: number): number {
  return reached.reduce((sum, is, i) => sum + Number(is === kind && found[i] === 0), 0);
}
