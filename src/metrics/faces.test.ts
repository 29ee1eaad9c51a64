import { describe, expect, it } from 'vitest';
import { ageStatistics, yearClasses } from '../age/index.js';
import { type FaceRow, faceTable, selectFaces, YEARS, yearsOf } from './faces.js';
import { TABLE } from './testing.js';

const rows: FaceRow[] = [
  {
    label: { age: 30, std: 3 },
    gender: 'male',
    columns: { set: 'a', race: 'x' },
    prediction: { age: { years: new Float64Array(YEARS).fill(1 / YEARS) }, female: 0.25 },
  },
  { label: { from: 20, to: 29 }, columns: { set: 'b', identity: undefined } },
  { columns: { set: 'a', race: 'y' }, prediction: { age: { median: 40 } } },
];

describe('a table of faces', () => {
  it('holds known values and marks unknown ones', () => {
    const table = faceTable(rows);
    expect(table.count).toBe(3);
    expect([...table.low]).toEqual([30, 20, Number.NaN]);
    expect([...table.high]).toEqual([30, 29, Number.NaN]);
    expect([...table.std]).toEqual([3, Number.NaN, Number.NaN]);
    expect([...table.gender]).toEqual([1, -1, -1]);
    expect([...table.found]).toEqual([1, 0, 1]);
    expect([...table.female]).toEqual([0.25, Number.NaN, Number.NaN]);
    expect([...table.median].map((x) => Math.round(1e9 * x) / 1e9)).toEqual([50, Number.NaN, 40]);
    expect([...table.mean].map((x) => Math.round(1e9 * x) / 1e9)).toEqual([50, Number.NaN, Number.NaN]);
    expect(table.columns).toEqual(
      new Map([
        ['set', { values: ['a', 'b'], codes: Int32Array.of(0, 1, 0) }],
        ['race', { values: ['x', 'y'], codes: Int32Array.of(0, -1, 1) }],
      ]),
    );
    expect([0, 1, 2].map((i) => yearsOf(table, i)?.length)).toEqual([YEARS, undefined, undefined]);
  });

  it('decodes distributions like an estimate', () => {
    for (let i = 0; i < TABLE.count; i++) {
      const { mean, median } = ageStatistics({ classes: yearClasses(), probabilities: yearsOf(TABLE, i)! });
      expect(TABLE.mean[i]).toBeCloseTo(mean, 12);
      expect(TABLE.median[i]).toBeCloseTo(median, 12);
    }
  });

  it('is the same to the last digit when rebuilt from its own values', () => {
    const again = faceTable(
      Array.from(TABLE.low, (age, i) => ({
        label: { age, std: TABLE.std[i]! },
        prediction: { age: { years: TABLE.years!.subarray(i * YEARS, (i + 1) * YEARS) } },
      })),
    );
    expect(again).toEqual(TABLE);
  });

  it('selects faces in any order', () => {
    const [a, b] = [selectFaces(faceTable(rows), [2, 0]), faceTable([rows[2]!, rows[0]!])];
    const plain = ({ columns, ...rest }: typeof a) => ({
      ...rest,
      columns: [...columns].map(([name, { values, codes }]) => [name, Array.from(codes, (c) => values[c])]),
    });
    expect(plain(a)).toEqual(plain(b));
  });

  it('takes 9 MB for 20,000 faces', () => {
    const years = new Float64Array(YEARS).fill(1 / YEARS);
    const table = faceTable(
      Array.from({ length: 20_000 }, () => ({ label: { age: 1 }, prediction: { age: { years } } })),
    );
    const bytes = Object.values(table).reduce(
      (sum, x) => sum + (ArrayBuffer.isView(x) ? x.buffer.byteLength : 0),
      0,
    );
    expect(bytes).toBeLessThan(9.5e6);
  });

  it('takes probabilities whose sum is off as those of float16 networks are', () => {
    const years = new Float64Array(YEARS).fill(1.005 / YEARS);
    expect(() => faceTable([{ prediction: { age: { years } } }])).not.toThrow();
  });

  it.each<[string, FaceRow]>([
    ['its age must be years from 0 upwards, found 30 to 20', { label: { from: 30, to: 20 } }],
    ['its estimate must be a number of years, found NaN', { prediction: { age: { mean: Number.NaN } } }],
    ['P(female) must be in 0..1, found 1.5', { prediction: { female: 1.5 } }],
    [
      'must be 101 probabilities of sum 1, found 2 numbers of sum 1',
      { prediction: { age: { years: [0.5, 0.5] } } },
    ],
    [
      'found 101 numbers of sum 1.02',
      { prediction: { age: { years: new Float64Array(YEARS).fill(1.02 / YEARS) } } },
    ],
    ['found 101 numbers of sum 202', { prediction: { age: { years: new Float32Array(YEARS).fill(2) } } }],
  ])('refuses a face: %s', (message, row) => {
    expect(() => faceTable([{}, row])).toThrow(RangeError);
    expect(() => faceTable([{}, row])).toThrow(message);
  });
});
