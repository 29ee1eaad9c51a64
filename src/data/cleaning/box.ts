/** Whether a labelled box can be that of a face in its picture. */
import type { Box } from '../../vision/index.js';
import type { Rejection } from '../types.js';

/** The maximum ratio of a box's side to its picture's: a face that fills a larger box would be cut off on all sides. */
const LONGEST = 2;

/** The maximum ratio of a box's sides, and the least length of the shorter one in pixels: other boxes are of no face. */
const LONGEST_FORM = 10;
const LEAST = 1;

/** A rejection for a box whose centre is beside the picture, that is much larger than it or that is a line; sizes in pixels. */
export function rejectBox(
  path: string,
  { x, y, width, height }: Box,
  picture: { readonly width: number; readonly height: number },
): Rejection | undefined {
  const [across, down] = [x + width / 2, y + height / 2];
  const isInside = across >= 0 && down >= 0 && across <= picture.width && down <= picture.height;
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  const longest = LONGEST * Math.max(picture.width, picture.height);
  // Written so that what is not a number is refused.
  if (isInside && longer <= longest && shorter >= Math.max(LEAST, longer / LONGEST_FORM)) return undefined;
  return {
    path,
    reason: 'bad box',
    detail: `expected a face in the picture of ${picture.width} × ${picture.height} pixels, found a box of ${width} × ${height} at ${x}, ${y}`,
  };
}
