/** Whether a labelled box can be that of a face in its picture. */
import type { Box } from '../../vision/index.js';
import type { Rejection } from '../types.js';

/** The maximum ratio of a box's side to its picture's: a face that fills a larger box would be cut off on all sides. */
const LONGEST = 2;

/** A rejection for a box that does not touch the picture or is much larger than it; sizes in pixels. */
export function rejectBox(
  path: string,
  { x, y, width, height }: Box,
  picture: { readonly width: number; readonly height: number },
): Rejection | undefined {
  const touches = x < picture.width && y < picture.height && x + width > 0 && y + height > 0;
  const longest = LONGEST * Math.max(picture.width, picture.height);
  // Written so that what is not a number is refused.
  if (touches && width > 0 && height > 0 && width <= longest && height <= longest) return undefined;
  return {
    path,
    reason: 'bad box',
    detail: `expected a face in the picture of ${picture.width} × ${picture.height} pixels, found a box of ${width} × ${height} at ${x}, ${y}`,
  };
}
