import { describe, expect, it } from 'vitest';
import { CLASS_SETS } from '../age/index.js';
import { type FaceRow, faceTable, YEARS } from '../metrics/index.js';
import type { Classification, RocPoint } from './document.js';
import { evaluateRows } from './evaluate-rows.js';

const QUICK = { draws: 20 };

function sure(age: number): { years: Float64Array } {
  const years = new Float64Array(YEARS);
  years[age] = 1;
  return { years };
}

const row = (age: number, estimate: number, changes: Partial<FaceRow> = {}): FaceRow => ({
  label: { age },
  prediction: { age: sure(estimate) },
  ...changes,
});

const ROWS: FaceRow[] = [
  row(30, 33, { gender: 'female', columns: { race: 'b' } }),
  row(31, 33, { gender: 'male', columns: { race: 'a' } }),
  row(104, 80),
  { label: { from: 10, to: 17 }, prediction: { age: sure(22) } },
  { label: { age: 15 }, gender: 'male' },
  { prediction: { age: sure(40) } },
];

describe('the data of plots', () => {
  const found = evaluateRows(faceTable(ROWS), QUICK);

  it('counts faces by known and estimated age', () => {
    expect(found.density.mean).toEqual({
      cellYears: 2,
      cells: [
        [30, 32, 2],
        [104, 80, 1],
      ],
    });
    expect(
      evaluateRows(faceTable([row(30, 33, { prediction: { age: { median: 29.5 } } })]), QUICK).density,
    ).toEqual({
      median: { cellYears: 2, cells: [[30, 28, 1]] },
    });
  });

  it('has the errors of bins of five years, the last one open', () => {
    const bins = found.errorsByAge.mean!;
    expect(bins.map(({ from, to, n }) => [from, to, n])).toEqual([
      [30, 35, 2],
      [95, 105, 1],
    ]);
    expect(bins[0]!.mae.value).toBeCloseTo(2.5, 12);
    expect(bins[0]!.bias.value).toBeCloseTo(2.5, 12);
    expect(bins[1]!.bias).toEqual({ value: -24, low: -24, high: -24 });
  });

  it('lists the largest errors first, for intervals by the distance to them', () => {
    expect(found.worst).toEqual([
      { face: 2, low: 104, high: 104, estimate: 80, error: -24 },
      { face: 3, low: 10, high: 17, estimate: 22, error: 5 },
      { face: 0, low: 30, high: 30, estimate: 33, error: 3 },
      { face: 1, low: 31, high: 31, estimate: 33, error: 2 },
    ]);
    const many = Array.from({ length: 50 }, (_, i) => row(40, 20 + (i % 40)));
    expect(evaluateRows(faceTable(many), QUICK).worst).toHaveLength(20);
  });

  it('counts all faces by age, gender and race, unknown values last', () => {
    expect(found.counts).toEqual([
      { ageBand: '10-17', gender: 'male', race: null, faces: 1 },
      { ageBand: '10-17', gender: null, race: null, faces: 1 },
      { ageBand: '26-35', gender: 'female', race: 'b', faces: 1 },
      { ageBand: '26-35', gender: 'male', race: 'a', faces: 1 },
      { ageBand: '76+', gender: null, race: null, faces: 1 },
      { ageBand: null, gender: null, race: null, faces: 1 },
    ]);
    expect(found.counts.reduce((sum, { faces }) => sum + faces, 0)).toBe(found.all.faces.total);
  });

  it('has the ROC curve of each class with faces, whose area is the AUC', () => {
    const scores = Array.from({ length: 400 }, (_, i) => ((i * 7919) % 400) / 400);
    const rows = scores.map(
      (female, i): FaceRow => ({
        gender: female + ((i * 31) % 97) / 97 > 1 ? 'female' : 'male',
        prediction: { female },
      }),
    );
    const { classes } = evaluateRows(faceTable(rows), QUICK).gender!;
    for (const { roc, figures } of classes) {
      expect([roc![0], roc!.at(-1)]).toEqual([
        [0, 0],
        [1, 1],
      ]);
      expect(roc!.length).toBeLessThanOrEqual(102);
      expect(areaUnder(roc!)).toBeCloseTo(figures.auc.value!, 2);
    }
    const men = rows.filter(({ gender }) => gender === 'male');
    expect(evaluateRows(faceTable(men), QUICK).gender!.classes.map(({ roc }) => roc)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('has the curves of their means, whose areas are the mean AUC and that of all together', () => {
    const rows = Array.from({ length: 300 }, (_, i): FaceRow => {
      const years = new Float64Array(YEARS);
      for (const [n, share] of [0.3, 0.4, 0.3].entries()) years[(i * (7 + 31 * n)) % 80]! += share;
      return { label: { age: (i * 7) % 80 }, prediction: { age: { years } } };
    });
    const classSets = { 'groups-8': CLASS_SETS['groups-8'] };
    const [{ averageRocs, figures }] = evaluateRows(faceTable(rows), { ...QUICK, classSets }).classes[
      'groups-8'
    ] as [Classification];
    expect(areaUnder(averageRocs!.macro)).toBeCloseTo(figures.figures.macroAuc!.value!, 2);
    expect(areaUnder(averageRocs!.micro)).toBeCloseTo(figures.figures.microAuc!.value!, 2);
    expect(figures.figures.macroAuc!.value!).not.toBeCloseTo(figures.figures.microAuc!.value!, 3);
  });
});

const areaUnder = (roc: readonly RocPoint[]): number =>
  roc.slice(1).reduce((sum, [x, y], i) => sum + ((x - roc[i]![0]) * (y + roc[i]![1])) / 2, 0);
