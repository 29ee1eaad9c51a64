/** Helpers shared by the page's sections. */
import { formatShare, type Section as PageSection } from '../../report/index.js';
import type { Figure } from '../document.js';
import { rangeText, valueText, type Write } from '../figure-text.js';

/** A section of the page; undefined if the document has no data for it. */
export type MaybeSection = PageSection | undefined;

/** The size in pixels of one of two plots side by side; a phone shows it whole. */
export const HALF = { width: 430, height: 300 } as const;

/** The axes of a square plot of two shares, with a diagonal. */
export const SHARE_AXES = {
  xFormat: formatShare,
  yFormat: formatShare,
  xDomain: [0, 1],
  fromZero: true,
  upTo: 1,
  diagonal: true,
} as const;

/** A figure and its interval, in two cells of a table. */
export const figureCells = (figure: Figure | undefined, write: Write): [string, string] => [
  valueText(figure, write),
  rangeText(figure, write),
];

export const number = (title: string, group?: string) =>
  ({ title, kind: 'number', ...(group !== undefined && { group }) }) as const;

/** NaN for a missing value, which is a gap in a curve. */
export const valueOrGap = (value: number | null | undefined): number => value ?? Number.NaN;

/** Both ends of the interval, or the value twice if there is none. */
export const bandOf = ({ value, low, high }: Figure): [number, number] => [
  low ?? valueOrGap(value),
  high ?? valueOrGap(value),
];
