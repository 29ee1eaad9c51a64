/** How much of a face's surroundings a picture shows: beyond its edges a crop repeats them. */
import type { Box } from '../../vision/index.js';

/** The share of a crop that may lie outside the picture. */
const OUTSIDE = 0.5;
/** The margins that a recipe can state. */
const [LEAST, MOST] = [-0.4, 4];

/** The largest margin around a box with which at most half of an upright, square crop lies outside the picture. */
export function roomAround(box: Box, picture: { readonly width: number; readonly height: number }): number {
  const side = Math.max(box.width, box.height);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const seen = (half: number, centre: number, length: number) =>
    Math.max(0, Math.min(length, centre + half) - Math.max(0, centre - half));
  const isWithin = (margin: number) => {
    const half = side * (0.5 + margin);
    return seen(half, x, picture.width) * seen(half, y, picture.height) >= (1 - OUTSIDE) * 4 * half * half;
  };
  let [low, high] = [LEAST, MOST];
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (isWithin(middle)) low = middle;
    else high = middle;
  }
  return low;
}
