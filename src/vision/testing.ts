/** Synthetic pictures whose resampled values are known from their formula. For tests. */
import type { PixelImage } from './types.js';

/** A picture of `f(x, y)` at each pixel's centre, a grey value or a colour, rounded to bytes. */
export function paint(
  width: number,
  height: number,
  f: (x: number, y: number) => number | readonly [number, number, number],
): PixelImage {
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = f(column + 0.5, row + 0.5);
      const colour = typeof value === 'number' ? [value, value, value] : value;
      data.set(colour.map(Math.round), (row * width + column) * 3);
    }
  }
  return { width, height, data };
}

/** Bytes from a linear congruential generator (Numerical Recipes): a picture without structure. */
export function noise(width: number, height: number, seed = 1): PixelImage {
  let state = seed;
  const data = new Uint8Array(width * height * 3).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width, height, data };
}

/** The colour of one pixel. */
export function pixel(image: PixelImage, column: number, row: number): number[] {
  const at = (row * image.width + column) * 3;
  return [...image.data.subarray(at, at + 3)];
}

/** The largest difference between two equally long rows of numbers. */
export function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
}
