import { expect, it } from 'vitest';
import { bandName, bandOf } from './bands.js';

it('puts an age into the band that begins at or before it', () => {
  const starts = [0, 10, 20];
  expect([0, 9.9, 10, 19, 20, 116].map((age) => bandOf({ age }, starts))).toEqual([0, 0, 1, 1, 2, 2]);
});

it('puts an interval if its middle lies', () => {
  expect(bandOf({ from: 8, to: 13 }, [0, 10, 20])).toBe(1);
});

it('names bands by their first and last year', () => {
  expect([0, 1, 2].map((band) => bandName(band, [0, 10, 20]))).toEqual(['0-9', '10-19', '20+']);
});
