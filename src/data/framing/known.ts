/** Conclusions from a measurement, if it is reliable. */
import type { Box } from '../../vision/index.js';
import type { BoxFraming, Framing, Spread } from '../store/index.js';

/** The margin and offset that turn a detector's box into the picture. */
export interface KnownFraming {
  readonly margin: number;
  /** Right and down, in widths and heights of the box. */
  readonly offset: readonly [number, number];
}

/** The detector's box in one that came with a set, in widths and heights of that. */
export interface KnownBoxes {
  readonly scale: readonly [number, number];
  /** How far its centre lies right and down. */
  readonly offset: readonly [number, number];
}

/** The minimum number of faces for a conclusion. */
const LEAST_FOUND = 8;
/** The minimum share of pictures with a face found: below it, those found are unusual. */
const LEAST_SHARE = 0.5;
/** The maximum distance between the deciles, in box sizes: crops that vary more are not of one kind. */
const WIDEST = 0.3;

const thousandths = (value: number): number => Number(value.toFixed(3));

const isWide = ({ low, high }: Spread, most: number): boolean => high - low > most;

/** Whether faces were found in too few pictures for a conclusion. */
export const foundTooFew = ({ looked, found }: Pick<Framing, 'looked' | 'found'>): boolean =>
  found < LEAST_FOUND || found < LEAST_SHARE * looked;

/** Undefined if too few faces were found, or their framing varies too much. */
export function framingOf(measured: Framing): KnownFraming | undefined {
  const { margin, right, down } = measured;
  if (!margin || !right || !down || foundTooFew(measured)) return undefined;
  if ([margin, right, down].some((spread) => isWide(spread, WIDEST))) return undefined;
  return {
    margin: thousandths(margin.median),
    offset: [thousandths(right.median), thousandths(down.median)],
  };
}

/** Undefined if too few faces were found, or their framing varies too much. */
export function boxesOf(measured: BoxFraming): KnownBoxes | undefined {
  const { width, height, right, down } = measured;
  if (!width || !height || !right || !down || foundTooFew(measured)) return undefined;
  // A margin is on both sides of the box.
  if ([width, height].some((size) => isWide(size, 2 * WIDEST * size.median))) return undefined;
  if ([right, down].some((spread) => isWide(spread, WIDEST))) return undefined;
  return {
    scale: [thousandths(width.median), thousandths(height.median)],
    offset: [thousandths(right.median), thousandths(down.median)],
  };
}

/** The box that the detector would give the face in a box of the set. */
export function detectorBox({ x, y, width, height }: Box, { scale, offset }: KnownBoxes): Box {
  const [w, h] = [scale[0] * width, scale[1] * height];
  return {
    x: x + (0.5 + offset[0]) * width - w / 2,
    y: y + (0.5 + offset[1]) * height - h / 2,
    width: w,
    height: h,
  };
}
