import { expect, it } from 'vitest';
import { roomAround } from './room.js';

const SQUARE = { width: 100, height: 100 };

it('is the margin of the crop that has twice the area of what it shows', () => {
  const centred = { x: 40, y: 40, width: 20, height: 20 };
  expect(roomAround(centred, SQUARE)).toBeCloseTo((5 * Math.SQRT2 - 1) / 2, 3);
  expect(roomAround({ x: 0, y: 0, ...SQUARE }, SQUARE)).toBeCloseTo((Math.SQRT2 - 1) / 2, 3);
  // At the left edge: a crop that is 130.6 pixels wide shows 85.3 by 100.
  expect(roomAround({ x: 0, y: 30, width: 40, height: 40 }, SQUARE)).toBeCloseTo(1.1328, 3);
  // A crop is as wide and high as the longer side.
  expect(roomAround({ x: 45, y: 40, width: 10, height: 20 }, SQUARE)).toBeCloseTo(
    roomAround(centred, SQUARE),
    3,
  );
});

it('stays among the margins that a recipe can state', () => {
  expect(roomAround({ x: -90, y: 40, width: 100, height: 20 }, SQUARE)).toBeCloseTo(-0.4, 3);
  expect(roomAround({ x: 50, y: 50, width: 1, height: 1 }, SQUARE)).toBeCloseTo(4, 3);
});
