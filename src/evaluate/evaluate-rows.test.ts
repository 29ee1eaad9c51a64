import { describe, expect, it } from 'vitest';
import { binomialInterval, type FaceRow, faceTable, YEARS } from '../metrics/index.js';
import { expectNear, fixture, TABLE } from '../metrics/testing.js';
import type { Section } from './document.js';
import { EvaluationError } from './error.js';
import { evaluateRows } from './evaluate-rows.js';

const QUICK = { draws: 40 };

/** The values of a section's figures. */
const values = (section: Section | null | undefined) =>
  Object.fromEntries(Object.entries(section!.figures).map(([name, { value }]) => [name, value!]));

function sure(age: number): { years: Float64Array } {
  const years = new Float64Array(YEARS);
  years[age] = 1;
  return { years };
}

const ROWS: FaceRow[] = [
  {
    label: { age: 30 },
    gender: 'female',
    columns: { race: 'a' },
    prediction: { age: sure(33), female: 0.9 },
  },
  { label: { age: 60 }, gender: 'male', columns: { race: 'b' }, prediction: { age: sure(50), female: 0.6 } },
  { label: { from: 10, to: 17 }, columns: { race: 'a' }, prediction: { age: sure(18), female: 0.2 } },
  { label: { age: 15 }, gender: 'male', columns: { race: 'b' } },
  { prediction: { age: sure(40), female: 0.5 } },
];

describe('the evaluation of faces', () => {
  const found = evaluateRows(faceTable(ROWS), QUICK);

  it('gives the number of faces of each figure, and of those not found', () => {
    expect(found.all.faces).toEqual({ total: 5, notFound: 1, notFoundShare: 0.2 });
    expect(found.all.age.mean).toMatchObject({ n: 3 });
    expectNear(values(found.all.age.mean), {
      mae: 14 / 3,
      bias: -2,
      cs1: 1 / 3,
      cs3: 2 / 3,
      macroMae: 14 / 3,
    });
    expect(found.all.age.median!.figures.mae!.value).toBeCloseTo(14 / 3, 12);
    expect([found.all.shape!.n, found.all.likelihood!.n, found.all.knownAge!.n, found.all.gender!.n]).toEqual(
      [4, 3, 2, 2],
    );
    expectNear(values(found.all.knownAge), { crps: 6.5, coverage90: 0 });
    expectNear(values(found.all.gender), { accuracy: 0.5, balancedAccuracy: 0.5, auc: 1 });
    expect(found.all.apparent).toEqual({});
  });

  it('groups faces by their labels and by any column', () => {
    const columns = Object.fromEntries(found.groups.map((g) => [g.column, g]));
    expect(Object.keys(columns)).toEqual(['age band', 'gender', 'race']);
    expect(columns['age band']!.parts.map(({ name, faces }) => [name, faces.total])).toEqual([
      ['10-17', 2],
      ['26-35', 1],
      ['56-65', 1],
    ]);
    const [a, b] = columns.race!.parts;
    expect(a!.age.mean).toMatchObject({ n: 2, figures: { mae: { value: 2 } } });
    expect(b!.faces).toEqual({ total: 2, notFound: 1, notFoundShare: 0.5 });
    expect(columns.race!.unknown).toBe(1);
    // Of so few faces none is called the worst.
    expect(columns.race).toMatchObject({ worst: null, best: null });
  });

  it('gives shares of 0 and 1 the interval of Clopper and Pearson, over the faces that they are shares of', () => {
    // Of two known ages none lies in the interval, of three errors all are up to ten years.
    const bounds = (section: Section | null | undefined, name: string) => {
      const { low, high } = section!.figures[name]!;
      return [low, high];
    };
    expect(bounds(found.all.knownAge, 'coverage90')).toEqual([...binomialInterval(0, 2)]);
    expect(bounds(found.all.age.mean, 'cs10')).toEqual([...binomialInterval(3, 3)]);
    expect(bounds(found.all.shape, 'spiked')).toEqual([...binomialInterval(4, 4)]);
    // Of two teenagers none is estimated as one; nor is any of the other two.
    const teenagers = found.teenagers.mean!.figures;
    expect(bounds(teenagers, 'into')).toEqual([...binomialInterval(0, 2)]);
    const { figures, classes } = found.gender!;
    expect(bounds(figures, 'oneOff')).toEqual([...binomialInterval(2, 2)]);
    const [female] = classes;
    expect(female!.figures.recall).toEqual({ value: 1, low: binomialInterval(1, 1)[0], high: 1 });
    // A mean of two shares is none.
    expect(female!.figures.f1.value).toBeCloseTo(2 / 3, 12);
  });

  it('counts a person once in the interval of a share of 1', () => {
    const row = (identity: string): FaceRow => ({
      label: { age: 30 },
      columns: { identity },
      prediction: { age: sure(31) },
    });
    const { all } = evaluateRows(faceTable(['ann', 'ann', 'ann', 'bob'].map(row)), QUICK);
    expect(all.age.mean!.figures.cs1).toEqual({ value: 1, low: binomialInterval(2, 2)[0], high: 1 });
  });

  it('refers faces that were not found', () => {
    const check = found.checks.find(
      (c) => c.column === null && c.threshold === 18 && c.decoding === 'mean' && c.youngest === 0,
    )!;
    // Of two minors one was not found, the other estimated as 18.
    expect(check).toMatchObject({ minors: 2, adults: 2, minorsNotFound: 1, adultsNotFound: 0 });
    expect(check.falseAdultRate.value).toBe(0.5);
    // Of 30 and 60, estimated as 33 and 50, nobody is estimated younger than 25.
    expect(check.older).toMatchObject({ age: 25, faces: 2, referred: { value: 0 } });
    expect(check.challenges.slice(0, 2)).toEqual([18, 19]);
    // Where none passes the interval is the binomial one.
    const [low, high] = binomialInterval(0, 2);
    expect(check.falsePositive[1]).toEqual({ value: 0, low, high });
    expect(check.falseNegative.map(({ value }) => value)).toEqual(
      check.challenges.map((challenge) => (challenge <= 33 ? 0 : 0.5)),
    );
    expect(check.wanted[0]).toMatchObject({ rate: 0.01, challenge: { value: 19 }, sureChallenge: null });
    const nearest = found.checks.find((c) => c.threshold === 18 && c.youngest === 14)!;
    // 10 to 17 may be younger than 14.
    expect(nearest).toMatchObject({ minors: 1, falseAdultRate: { value: 0 } });
  });

  it('counts classes, gender, reliability and teenagers', () => {
    const [probable] = found.classes['groups-8']!;
    // 30 estimated 33: 26-35; 60 estimated 50: one class off; 10 to 17 estimated 18: 6-18.
    expect(probable!.figures.n).toBe(3);
    expectNear(values(probable!.figures), { accuracy: 2 / 3, oneOff: 1 });
    expect(probable!.confusion[6]![5]).toBe(1);
    expect(found.gender).toMatchObject({
      threshold: 0.5,
      labels: ['female', 'male'],
      confusion: [
        [1, 0],
        [1, 0],
      ],
    });
    const at18 = found.reliability.find(({ threshold }) => threshold === 18)!;
    expectNear(values(at18.figures), { calibrationError: 1 / 3 });
    expect(at18.bins.at(-1)).toMatchObject({ n: 3, predicted: 1, true: 2 / 3 });
    // A label of 10 to 17, estimated 18.
    expect(found.all.ranges.mean).toEqual({
      n: 1,
      figures: { inside: { value: 0, low: 0, high: binomialInterval(0, 1)[1] } },
    });
    // Of 15 alone it is known that it is within 13 to 16.
    expectNear(values(found.teenagers.mean!.figures), { inside: 0, into: 0 });
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });
});

it("has scikit-learn's figures", () => {
  const found = evaluateRows(TABLE, { ...QUICK, columns: [], classSets: {}, thresholds: [18] });
  const { macro, ...errors } = fixture.errors.median;
  expectNear(values(found.all.age.median), { ...errors, macroMae: macro });
  expectNear(
    { ...values(found.all.shape), ...values(found.all.likelihood), ...values(found.all.knownAge) },
    fixture.distribution,
  );
  expectNear(values(found.all.apparent.mean), { epsilonError: fixture.errors.epsilon });
  expectNear(values(found.reliability[0]!.figures), {
    calibrationError: fixture.atLeast18.calibrationError,
    auc: fixture.atLeast18.auc,
  });
});

it('is the same for the same faces and seed; another seed changes only intervals', () => {
  const options = { ...QUICK, columns: ['age band'], classSets: {}, thresholds: [18] };
  const found = evaluateRows(TABLE, options);
  expect(evaluateRows(TABLE, options)).toEqual(found);
  const other = evaluateRows(TABLE, { ...options, seed: 1 });
  expect(values(other.all.age.mean)).toEqual(values(found.all.age.mean));
  expect(other.all.age.mean).not.toEqual(found.all.age.mean);
  expect(found.bootstrap).toEqual({ draws: 40, seed: 0, confidence: 0.95, unit: 'face', units: TABLE.count });
});

it('draws persons, whose names are unique only within their data set', () => {
  const person = (set: string, identity: string): FaceRow => ({
    label: { age: 20 },
    columns: { set, identity },
    prediction: { age: { mean: 22 } },
  });
  const table = faceTable([person('a', '1'), person('a', '1'), person('b', '1'), person('b', '2')]);
  const { bootstrap, groups } = evaluateRows(table, QUICK);
  expect(bootstrap).toMatchObject({ unit: 'identity', units: 3 });
  expect(groups.map(({ column }) => column)).toEqual(['age band', 'set']);
});

it('names the worst and the best of the groups that have enough faces', () => {
  const faces = (race: string, count: number, off: number): FaceRow[] =>
    Array.from({ length: count }, () => ({
      label: { age: 20 },
      columns: { race },
      prediction: { age: { mean: 20 + off } },
    }));
  const table = faceTable([...faces('few', 29, 9), ...faces('off', 30, 4), ...faces('near', 30, 1)]);
  const [race] = evaluateRows(table, { ...QUICK, columns: ['race'] }).groups;
  expect(race).toMatchObject({ worst: 'off', best: 'near' });
  expect(race!.parts.find(({ name }) => name === 'few')!.age.mean!.figures.mae).toEqual({
    value: 9,
    low: 9,
    high: 9,
  });
});

it('refuses an empty table and unknown columns', () => {
  expect(() => evaluateRows(faceTable([]))).toThrow(
    new EvaluationError({ subject: 'An evaluation', expected: 'some faces', found: 'none' }),
  );
  expect(() => evaluateRows(faceTable(ROWS), { ...QUICK, columns: ['rase'] })).toThrow(
    new EvaluationError({
      subject: "Column 'rase'",
      expected: 'one of age band, gender, race',
      found: 'no such column',
    }),
  );
});
