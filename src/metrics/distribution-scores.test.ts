import { describe, expect, it } from 'vitest';
import {
  distributionFigures,
  negativeLogLikelihood,
  probabilitiesAtLeast,
  rankedProbabilityScore,
} from './distribution-scores.js';
import { type FaceTable, faceTable, YEARS } from './faces.js';
import { expectNear, fixture, TABLE } from './testing.js';

/** Probabilities of some years. */
function distribution(shares: Readonly<Record<number, number>>): Float64Array {
  const years = new Float64Array(YEARS);
  for (const [year, p] of Object.entries(shares)) years[Number(year)] = p;
  return years;
}

/** The figures of all three kinds. */
function allFigures(table: FaceTable) {
  const { shape, likelihood, knownAge } = distributionFigures(table);
  return { ...shape(), ...likelihood(), ...knownAge() };
}

it('has the figures of an independent implementation', () => {
  expectNear(allFigures(TABLE), fixture.distribution);
});

describe('the ranked probability score', () => {
  it('is the absolute error of a prediction of a single year', () => {
    const sure = distribution({ 30: 1 });
    expect([30, 27, 30.5, 104].map((age) => rankedProbabilityScore(sure, age))).toEqual([0, 3, 0.5, 74]);
  });

  it('is E|X − age| − E|X − X′| / 2', () => {
    // |X − 20| is 0 or 10, |X − X′| 0 or 10, each as often.
    expect(rankedProbabilityScore(distribution({ 20: 0.5, 30: 0.5 }), 20)).toBeCloseTo(5 - 2.5, 12);
  });
});

describe('the negative log-likelihood', () => {
  it('uses the year that an age rounds to, all years of an interval, and the last year for older ages', () => {
    const years = distribution({ 20: 0.25, 21: 0.25, 100: 0.5 });
    const nll = (low: number, high = low) => negativeLogLikelihood(years, low, high);
    expect([nll(20.4), nll(20.6), nll(19, 25), nll(105)]).toEqual(
      [0.25, 0.25, 0.5, 0.5].map((p) => -Math.log(p)),
    );
    expect(nll(50)).toBeCloseTo(-Math.log(1e-12), 12);
  });
});

it('measures intervals and scores only at known ages', () => {
  const age = { years: distribution({ 20: 0.5, 40: 0.5 }) };
  const figures = allFigures(
    faceTable([
      { label: { from: 20, to: 29 }, prediction: { age } },
      { label: { age: 60 } },
      { prediction: { age } },
    ]),
  );
  expect(figures).toMatchObject({
    nll: Math.log(2),
    crps: Number.NaN,
    coverage90: Number.NaN,
    peak: 0.5,
    spiked: 1,
  });
  // From 19.6 to 40.4: a tenth of each year's own length is 5% of all.
  expect(figures.width90).toBeCloseTo(20.8, 12);
});

it('gives the probability of being at least an age', () => {
  const table = faceTable([{ prediction: { age: { years: distribution({ 17: 0.25, 18: 0.75 }) } } }, {}]);
  expect([...probabilitiesAtLeast(table, 18)]).toEqual([0.75, Number.NaN]);
  expect([17, 17.5, 19].map((t) => probabilitiesAtLeast(table, t)[0])).toEqual([1, 0.75, 0]);
});
