/** What can be relied on of a measurement. */
import type { Framing } from '../store/index.js';

/** By how much, and from where, a detector's box is grown to be the picture. */
export interface KnownFraming {
  readonly margin: number;
  /** Right and down, in widths and heights of the box. */
  readonly offset: readonly [number, number];
}

/** Fewer faces tell of themselves alone. */
const LEAST_FOUND = 8;
/** Of the pictures that were looked at: where fewer are found, those found are the unusual ones. */
const LEAST_SHARE = 0.5;
/** The most that the deciles may lie apart, in sizes of the box: a crop that varies more is none of one kind. */
const WIDEST = 0.3;

const hundredths = (value: number): number => Number(value.toFixed(3));

/** Undefined where too few faces were found, or they lie too differently. */
export function framingOf({ looked, found, margin, right, down }: Framing): KnownFraming | undefined {
  if (!margin || !right || !down || found < LEAST_FOUND || found < LEAST_SHARE * looked) return undefined;
  if ([margin, right, down].some(({ low, high }) => high - low > WIDEST)) return undefined;
  return { margin: hundredths(margin.median), offset: [hundredths(right.median), hundredths(down.median)] };
}
