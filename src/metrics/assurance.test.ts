import { describe, expect, it } from 'vitest';
import { challengeFor, checkAges, checkRates, rangeShares, sureChallengeFor } from './assurance.js';
import { binomialUpperBound } from './binomial.js';
import { type FaceRow, faceTable } from './faces.js';
import { expectListNear, fixture, TABLE } from './testing.js';

const face = (age: number, estimate?: number): FaceRow => ({
  label: { age },
  ...(estimate !== undefined && { prediction: { age: { mean: estimate } } }),
});
const check = { threshold: 18, decoding: 'mean' } as const;

describe('an age check', () => {
  it('passes faces estimated at the challenge age, and refers faces not found', () => {
    const table = faceTable([face(17, 25), face(10, 24.9), face(16), face(18, 25), face(40, 20), face(30)]);
    const rates = checkRates(checkAges(table, check), [18, 25, 26])();
    expect(rates).toEqual({
      challenges: [18, 25, 26],
      falsePositive: [2 / 3, 1 / 3, 0],
      falseNegative: [1 / 3, 2 / 3, 1],
      minors: 3,
      adults: 3,
    });
  });

  it('leaves out the youngest on request, and labels on both sides of the threshold', () => {
    const table = faceTable([
      face(17, 30),
      face(10, 10),
      { label: { from: 15, to: 20 }, prediction: { age: { mean: 30 } } },
      { prediction: { age: { mean: 30 } } },
    ]);
    expect(checkRates(checkAges(table, { ...check, youngest: 14 }), [25])()).toMatchObject({
      falsePositive: [1],
      minors: 1,
      adults: 0,
    });
  });

  it('has the rates of an independent implementation', () => {
    const rates = checkRates(checkAges(TABLE, check), fixture.assurance.challenges)();
    expectListNear(rates.falsePositive, fixture.assurance.falsePositive);
    expectListNear(rates.falseNegative, fixture.assurance.falseNegative);
  });
});

describe('the challenge age for a required rate', () => {
  // A hundred minors at each of the ages 20.5, 21.5, … 29.5.
  const minors = Array.from({ length: 1000 }, (_, i) => face(16, 20.5 + (i % 10)));
  const challenges = Array.from({ length: 20 }, (_, i) => 18 + i);
  const ratesOf = (rows: FaceRow[], at = challenges) => checkRates(checkAges(faceTable(rows), check), at)();
  const rates = ratesOf(minors);

  it('is the lowest that meets it', () => {
    expect(challengeFor(rates, 0.1)).toBe(29);
    expect(challengeFor(rates, 0.3)).toBe(27);
    expect(challengeFor(ratesOf(minors, [18, 19]), 0.3)).toBeNaN();
  });

  it('is higher if the rate must hold with confidence', () => {
    // 10% of a thousand may be nearly 12% of all.
    expect(binomialUpperBound(100, 1000)).toBeGreaterThan(0.11);
    expect(sureChallengeFor(rates, 0.1)).toBe(30);
    expect(sureChallengeFor(rates, 0.12)).toBe(29);
    expect(sureChallengeFor(rates, 0.001)).toBeNaN();
  });

  it('keeps its rate on other samples with the stated confidence', () => {
    // Of 40 minors, estimated anywhere from 18 to 38, 20% pass at 34.
    let kept = 0;
    for (let draw = 0; draw < 400; draw++) {
      const sample = Array.from({ length: 40 }, (_, i) =>
        face(16, 18 + ((20 * (((Math.sin(draw * 41 + i) * 1e4) % 1) + 1)) % 20)),
      );
      const sure = sureChallengeFor(ratesOf(sample), 0.2);
      if (!(sure < 34)) kept++;
    }
    expect(kept / 400).toBeGreaterThanOrEqual(0.95);
  });
});

it('counts teenagers and others that are estimated as teenagers', () => {
  const table = faceTable([
    face(13, 16.9),
    face(16.5, 17),
    face(14),
    face(12, 13),
    face(17, 12),
    face(60, 59),
    face(40, 15),
  ]);
  expect(rangeShares(table, 'mean')()).toEqual({ inside: 1 / 3, into: 2 / 4 });
});
