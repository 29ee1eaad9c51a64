/** What the page's sections share. */
import type { Section as PageSection } from '../../report/index.js';
import type { Figure } from '../document.js';
import { rangeText, valueText, type Write } from '../figure-text.js';

/** A section of the page; undefined where the document has nothing for it. */
export type MaybeSection = PageSection | undefined;

/** The size of a plot that has another beside it, in pixels: a phone shows it whole. */
export const HALF = { width: 440, height: 300 } as const;

/** A figure and its interval, in two cells of a table. */
export const figureCells = (figure: Figure | undefined, write: Write): [string, string] => [
  valueText(figure, write),
  rangeText(figure, write),
];

export const number = (title: string, group?: string) =>
  ({ title, kind: 'number', ...(group !== undefined && { group }) }) as const;

/** NaN where there is none: a curve has a gap there. */
export const valueOrGap = (value: number | null | undefined): number => value ?? Number.NaN;

/** Both ends, the value itself where there is no interval. */
export const bandOf = ({ value, low, high }: Figure): [number, number] => [
  low ?? valueOrGap(value),
  high ?? valueOrGap(value),
];
