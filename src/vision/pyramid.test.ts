import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closerPyramid, pyramid } from './pyramid.js';

const lengths = (width: number, height: number) =>
  pyramid(width, height).map((l) => Math.max(l.width, l.height));

describe('pyramid', () => {
  it('looks finely enough at a face of 24 px, and coarsely at one that fills the picture', () => {
    expect(lengths(1920, 1440)).toEqual([1024, 512, 256, 128]);
    expect(lengths(640, 480)).toEqual([341, 171]);
  });

  it('offers a closer look at small pictures, hardly enlarged', () => {
    const closer = (width: number, height: number) => closerPyramid(width, height).map((l) => l.width);
    expect(closer(360, 360)).toEqual([320, 160]);
    expect(closer(100, 80)).toEqual([130]);
    expect(closer(640, 480)).toEqual([]);
    expect(lengths(1, 1)).toEqual([1]);
  });

  it('keeps the shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20000 }), fc.integer({ min: 1, max: 20000 }), (width, height) => {
        for (const level of pyramid(width, height)) {
          const scale = Math.max(level.width, level.height) / Math.max(width, height);
          expect(Math.abs(level.width - width * scale)).toBeLessThanOrEqual(1);
          expect(Math.abs(level.height - height * scale)).toBeLessThanOrEqual(1);
          expect(Math.max(level.width, level.height)).toBeLessThanOrEqual(1024);
          expect(Math.min(level.width, level.height)).toBeGreaterThan(0);
        }
      }),
    );
  });
});
