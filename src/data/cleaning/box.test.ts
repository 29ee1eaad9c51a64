import { expect, it } from 'vitest';
import { rejectBox } from './box.js';

const PICTURE = { width: 200, height: 100 };
const rejected = (x: number, y: number, width: number, height: number) =>
  rejectBox('a.jpg', { x, y, width, height }, PICTURE)?.detail;

it('a box may cross the edges of its picture, and be twice as long', () => {
  expect(rejected(10, 10, 50, 60)).toBeUndefined();
  expect(rejected(-25, -25, 50, 50)).toBeUndefined();
  expect(rejected(175, 75, 50, 50)).toBeUndefined();
  expect(rejected(-100, -100, 400, 400)).toBeUndefined();
});

it.each([
  ['larger', [0, 0, 401, 50]],
  ['higher', [0, 0, 50, 401]],
  ['beside it', [200, 0, 50, 50]],
  ['below it', [0, 100, 50, 50]],
  ['left of it', [-50, 0, 50, 50]],
  ['above it', [0, -50, 50, 50]],
  ['mostly beside it', [-26, 0, 50, 50]],
  ['mostly below it', [0, 76, 50, 50]],
  ['narrower than a pixel', [10, 10, 0.9, 5]],
  ['a line', [10, 10, 4.9, 50]],
  ['empty', [10, 10, 0, 50]],
  ['turned inside out', [10, 10, 50, -5]],
  ['not of numbers', [10, Number.NaN, 50, 50]],
  ['without end', [10, 10, Infinity, 50]],
] as const)('a box that is %s is rejected', (_, [x, y, width, height]) => {
  expect(rejected(x, y, width, height)).toBe(
    `expected a face in the picture of 200 × 100 pixels, found a box of ${width} × ${height} at ${x}, ${y}`,
  );
});
