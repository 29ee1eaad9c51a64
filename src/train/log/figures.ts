/** How figures are named and written on pages. */

import type { Figures } from '../../metrics/index.js';
import { decimalsOf, formatNumber } from '../../report/index.js';

export interface FigureKind {
  readonly title: string;
  /** The name in tables. */
  readonly short: string;
  /** What it measures, or its unit. */
  readonly label: string;
  readonly description?: string;
  /** Formats it for axes; a plain number if left out. */
  readonly axis?: (value: number, step?: number) => string;
  readonly cell: (value: number) => string;
}

/** @param step of an axis, whose numbers must differ */
const percent = (value: number, step = 1) =>
  `${formatNumber(100 * value, Math.max(1, decimalsOf(100 * step)))}%`;

/** A fixed number of decimals, so that digits line up. */
const digits =
  (count: number, unit = '', factor = 1) =>
  (value: number): string =>
    Number.isFinite(value) ? `${(factor * value).toFixed(count)}${unit}` : formatNumber(value);

const share = digits(1, '%', 100);

/** In display order. */
const KINDS: Readonly<Record<string, FigureKind>> = {
  loss: { title: 'Loss', short: 'loss', label: 'loss', cell: digits(3) },
  mae: { title: 'Age error (MAE)', short: 'MAE', label: 'years', cell: digits(2) },
  accuracy: {
    title: 'Age class accuracy',
    short: 'accuracy',
    label: 'of faces',
    description: 'The share of faces whose most probable class is correct.',
    axis: percent,
    cell: share,
  },
  gender: {
    title: 'Gender accuracy',
    short: 'gender',
    label: 'of faces',
    axis: percent,
    cell: share,
  },
  spread: {
    title: 'Spread of ages',
    short: 'spread',
    label: 'of the labels’',
    description:
      'The spread of predictions relative to that of labels: near 0 if every face gets the same age.',
    axis: percent,
    cell: share,
  },
};

/** Parts of the loss are named `loss.NAME`; unknown figures are described by their name. */
export const kindOf = (name: string): FigureKind =>
  KINDS[name] ?? {
    title: name.replace(/^loss\./, 'Part of the loss: '),
    short: name,
    label: name.startsWith('loss.') ? 'loss' : name,
    cell: digits(3),
  };

/** Whether a figure is important enough for tables. */
export const isCommon = (name: string): boolean => Object.hasOwn(KINDS, name);

/** The names of all figures, known ones first. */
export function figureNames(all: Iterable<Figures>): string[] {
  const found = new Set<string>();
  for (const figures of all) for (const name of Object.keys(figures)) found.add(name);
  const known = Object.keys(KINDS).filter((name) => found.delete(name));
  return [...known, ...found];
}
