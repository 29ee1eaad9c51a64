import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divisionOf } from './division.js';

describe('divisionOf', () => {
  it('covers every row of every image, and fills whole blocks', () => {
    const size = fc.integer({ min: 1, max: 224 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        size,
        size,
        fc.constantFrom(8, 16),
        (batch, h, w, block) => {
          const { parts, rows, images } = divisionOf(batch, h, w, block);
          expect(parts * rows).toBeGreaterThanOrEqual(h);
          expect(images).toBeGreaterThanOrEqual(batch);
          expect((images * parts) % block).toBe(0);
          expect(Number.isInteger(block / parts)).toBe(true);
        },
      ),
    );
  });

  it('leaves images whole if they fill blocks and the cache holds them', () => {
    expect(divisionOf(32, 14, 14, 16)).toEqual({ parts: 1, rows: 14, images: 32 });
  });

  it('cuts what the cache does not hold', () => {
    expect(divisionOf(32, 28, 28, 16)).toEqual({ parts: 4, rows: 7, images: 32 });
    expect(divisionOf(32, 28, 28, 8)).toEqual({ parts: 4, rows: 7, images: 32 });
    expect(divisionOf(16, 64, 64, 16)).toEqual({ parts: 16, rows: 4, images: 16 });
  });

  it('cuts images rather than filling a block up with zeros', () => {
    expect(divisionOf(8, 14, 14, 16)).toEqual({ parts: 2, rows: 7, images: 8 });
  });
});
