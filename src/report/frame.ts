/** The common frame of all plots: size, axes with round numbers, a grid, and the figure around it. */
import { decimalsOf, formatNumber } from './format.js';
import { type Content, type Html, html } from './html.js';
import { linear, roundStep, ticks } from './scale.js';

const WIDTH = 720;
const HEIGHT = 280;
/** A plot shrinks with its window down to this share, then scrolls, so that its text stays readable. */
const LEAST_SHARE = 0.7;
const MARGIN = { left: 54, right: 14, top: 24, bottom: 44 } as const;
/** Further series reuse the first colours. */
const COLOURS = 8;
/** The approximate space for an axis number, in pixels. */
const TICK_PIXELS = { x: 70, y: 44 } as const;

/** The approximate width of a letter of a plot's text, in pixels. */
export const LETTER = 6.5;

/** The same in the widest of usual fonts, with percent signs, for text that must not be cut off. */
const WIDE_LETTER = 8.6;

/** Options of every plot. */
export interface PlotText {
  /** What the plot shows, in a few words: its caption and accessible name. */
  readonly caption: string;
  /** A sentence that describes it. */
  readonly description?: string;
  /** In pixels; text is 12 pixels high. */
  readonly width?: number;
  readonly height?: number;
}

export interface NumberAxis {
  readonly label: string;
  readonly domain: readonly [number, number];
  /** @param step from one number of the axis to the next, which its digits should distinguish */
  readonly format?: (value: number, step?: number) => string;
  /** Whether the axis shows integers only. */
  readonly whole?: boolean;
}

export interface NameAxis {
  readonly label: string;
  /** In order, each with a band of equal width. */
  readonly names: readonly string[];
}

/** The plotting area: maps values to pixels of the drawing. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  x(value: number): number;
  y(value: number): number;
}

/** The class that gives a series its colour in both themes. */
export const colourOf = (series: number) => `c${series % COLOURS}`;

/** Two decimals are precise enough and keep files small. */
export const px = (value: number) => Number(value.toFixed(2));

/**
 * A drawing with axes; with names on x, `x(i)` is the middle of band i.
 * @param draw draws the marks into the plotting area
 * @param kind whether the legend shows only colours or dashes too
 */
export function plot(
  { caption, description, width = WIDTH, height = HEIGHT }: PlotText,
  axes: { readonly x: NumberAxis | NameAxis; readonly y: NumberAxis },
  draw: (area: Area) => Content,
  series: readonly string[] = [],
  kind: 'areas' | 'lines' = 'areas',
): Html {
  const edges = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const { x, y } = axes;
  const bands = 'names' in x ? x.names.length : 0;
  const xDomain = 'names' in x ? ([-0.5, bands - 0.5] as const) : x.domain;
  const area: Area = {
    ...edges,
    x: linear(xDomain, [edges.left, edges.right]),
    y: linear(y.domain, [edges.bottom, edges.top]),
  };
  const label = description ? `${caption}. ${description}` : caption;
  const least = Math.round(width * LEAST_SHARE);
  const drawing = html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="min-width:${least}px" role="img" aria-label="${label}">${gridY(area, y)}${draw(area)}${
    'names' in x ? namesX(area, x) : numbersX(area, x)
  }<path class="axis" d="M${area.left} ${area.bottom}H${area.right}"/><text class="name" x="${area.left - 8}" y="12">${y.label}</text><text class="name" x="${area.right}" y="${height - 4}" text-anchor="end">${x.label}</text></svg>`;
  return figure(caption, html`${legend(series, kind)}<div class="scroll">${drawing}</div>`, description);
}

/** The line where y = x. */
export const diagonalLine = (area: Area, [low, high]: readonly [number, number]): Html =>
  html`<path class="guide" d="M${px(area.x(low))} ${px(area.y(low))}L${px(area.x(high))} ${px(area.y(high))}"/>`;

/** Any content with a caption. */
export function figure(caption: string, body: Content, description?: string): Html {
  return html`<figure><figcaption>${caption}${description && html`<small>${description}</small>`}</figcaption>${body}</figure>\n`;
}

/** A single series needs no legend: the caption names it. */
function legend(series: readonly string[], kind: 'areas' | 'lines'): Html | undefined {
  if (series.length < 2) return undefined;
  return html`<ul class="legend${kind === 'lines' && ' lines'}">${series.map((name, i) => html`<li class="${colourOf(i)}">${name}</li>`)}</ul>`;
}

interface AxisNumber {
  readonly value: number;
  readonly text: string;
}

/** How many finer steps are tried if an axis would have fewer than two numbers, which show no scale. */
const MOST_STEPS = 64;

/** About `count` axis numbers, at least two if possible, with distinct labels. */
function axisNumbers({ domain: [from, to], format, whole = false }: NumberAxis, count: number): AxisNumber[] {
  const within = (steps: number) =>
    ticks(from, to, steps).filter((value) => !whole || Number.isInteger(value));
  let values = within(count);
  for (let steps = count; values.length < 2 && steps < MOST_STEPS; steps++) values = within(steps);
  const step = values.length > 1 ? values[1]! - values[0]! : 1;
  const text = format ?? ((value: number) => formatNumber(value, Math.max(2, decimalsOf(step))));
  // A custom format may have too few digits for the steps.
  return values
    .map((value) => ({ value, text: text(value, step) }))
    .filter((number, i, all) => i === 0 || number.text !== all[i - 1]!.text);
}

function gridY(area: Area, axis: NumberAxis): Html[] {
  const count = (area.bottom - area.top) / TICK_PIXELS.y;
  return axisNumbers(axis, count).map(({ value, text }) => {
    const y = px(area.y(value));
    return html`<path class="grid" d="M${area.left} ${y}H${area.right}"/><text x="${area.left - 8}" y="${y + 4}" text-anchor="end">${text}</text>`;
  });
}

function numbersX(area: Area, axis: NumberAxis): Html[] {
  const count = (area.right - area.left) / TICK_PIXELS.x;
  return axisNumbers(axis, count).map(({ value, text }) => {
    const x = px(area.x(value));
    // A wide number at the end of the axis would extend beyond the drawing.
    const middle = px(Math.min(x, area.right + MARGIN.right - (text.length * WIDE_LETTER) / 2));
    return html`<path class="axis" d="M${x} ${area.bottom}v5"/><text x="${middle}" y="${area.bottom + 18}" text-anchor="middle">${text}</text>`;
  });
}

/** If names would overlap, only every second, fifth, tenth, ... is shown. */
function namesX(area: Area, { names }: NameAxis): Html[] {
  const band = (area.right - area.left) / Math.max(1, names.length);
  const widest = Math.max(0, ...names.map((name) => name.length));
  // At least 1, so that a plot without names works too.
  const every = Math.max(1, roundStep((widest * LETTER + 6) / band));
  return names.flatMap((name, i) =>
    i % every === 0
      ? [html`<text x="${px(area.x(i))}" y="${area.bottom + 18}" text-anchor="middle">${name}</text>`]
      : [],
  );
}
