import { describe, expect, it } from 'vitest';
import { Random } from '../random/index.js';
import {
  countCells,
  Draw,
  orderByCell,
  sumCells,
  TOGETHER,
  valuesByCell,
  type Weights,
  weightOf,
} from './cells.js';

it('counts faces by cell, and leaves out those without one', () => {
  const cells = orderByCell([2, 0, -1, 2, 4, 3], 4);
  expect([[...cells.order], [...cells.ends]]).toEqual([
    [1, 0, 3, 5],
    [1, 1, 3, 4],
  ]);
  const counts = new Float64Array(4).fill(7);
  countCells(cells, [1, 2, 4, 8, 16, 32], counts);
  expect([...counts]).toEqual([2, 0, 9, 32]);
});

it('sums values by cell', () => {
  const values = valuesByCell(orderByCell([1, 0, 1, -1], 3), [0.5, 3, -2, 9]);
  const sums = new Float64Array(3).fill(7);
  sumCells(values, [2, 1, 3, 4], sums);
  expect([...sums]).toEqual([3, -5, 0]);
});

describe('draws together', () => {
  const FACES = 700;
  const SIZE = 9;
  const random = new Random(4);
  const draws = (count: number, most: number) =>
    Array.from({ length: count }, () => Uint16Array.from({ length: FACES }, () => random.below(most + 1)));
  const interleaved = (each: readonly Uint16Array[]) =>
    Uint16Array.from(
      { length: FACES * TOGETHER },
      (_, n) => each[n % TOGETHER]?.[Math.floor(n / TOGETHER)] ?? 0,
    );

  /** The counts of faces in these cells, and the sums of random values. */
  const sumsOver = (own: readonly number[]) => {
    const cells = orderByCell(own, SIZE);
    const column = valuesByCell(
      cells,
      own.map(() => random.normal()),
    );
    return (weights: Weights) => {
      const [counts, sums] = [new Float64Array(SIZE), new Float64Array(SIZE)];
      countCells(cells, weights, counts);
      sumCells(column, weights, sums);
      return [...counts, ...sums];
    };
  };

  it('have the counts and the sums of each by itself, to the last digit', () => {
    // Cell 5 is empty, and −1 is none.
    const own = Array.from({ length: FACES }, () => [0, 1, 2, 3, 4, 6, 7, 8, -1][random.below(9)]!);
    const of = sumsOver(own);
    for (const each of [draws(TOGETHER, 5), draws(3, 5), draws(2, 65_535)]) {
      const together = { times: interleaved(each) };
      expect(each.map((_, place) => of(new Draw(together, place)))).toEqual(each.map(of));
      expect(own.map((_, i) => weightOf(new Draw(together, 1), i))).toEqual([...each[1]!]);
    }
  });

  it('count each face as often as the unit that it is drawn with', () => {
    const unitOf = Int32Array.from({ length: FACES }, () => random.below(FACES));
    const own = Array.from({ length: FACES }, () => random.below(SIZE + 1) - 1);
    const sums = sumsOver(own);
    const of = (weights: Weights) => [...sums(weights), weightOf(weights, 3)];
    const each = draws(TOGETHER, 5);
    const together = { times: interleaved(each), unitOf };
    const byFace = each.map((times) => unitOf.map((unit) => times[unit]!));
    expect(each.map((_, place) => of(new Draw(together, place)))).toEqual(byFace.map(of));
    // The same cells by other units.
    const reversed = { times: together.times, unitOf: unitOf.toReversed() };
    const ofReversed = each[0]!.map((_, face) => each[0]![unitOf[FACES - 1 - face]!]!);
    expect(of(new Draw(reversed, 0))).toEqual(of(ofReversed));
  });

  it('are none of no cells', () => {
    const none = new Float64Array(0);
    countCells(orderByCell([], 0), new Draw({ times: new Uint16Array(0) }, 0), none);
    expect(none).toHaveLength(0);
  });
});
