/** Line plots: one or several series over a quantity, such as losses over steps. */

import { formatNumber } from './format.js';
import { type Area, colourOf, diagonalLine, LETTER, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';
import { areApart, roundDomain } from './scale.js';

export interface LineSeries {
  readonly name: string;
  /** In order of x. NaN as y makes a gap. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The lower and upper bound of y at each point, drawn as a band around the curve. */
  readonly band?: readonly (readonly [low: number, high: number])[];
  /** Names of points; named points are drawn as labelled dots. */
  readonly names?: readonly (string | undefined)[];
}

/** A vertical line at the beginning of something, with a name at its top. */
export interface LineMark {
  readonly x: number;
  readonly name: string;
}

export interface LinePlot extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly LineSeries[];
  /** Whether y starts at zero. Default: at the smallest value. */
  readonly fromZero?: boolean;
  /** The minimum upper end of y, so that adjacent plots can share a scale. */
  readonly upTo?: number;
  readonly yFormat?: (value: number, step?: number) => string;
  /** Names along x instead of numbers: a point's x is then the index of its name, from 0. */
  readonly xNames?: readonly string[];
  /** Whether x is a count, so that its axis shows integers only. */
  readonly xWhole?: boolean;
  /** Draws the line where y = x, both from 0 to 1. */
  readonly diagonal?: boolean;
  /** The range of x. Default: that of the points. */
  readonly xDomain?: readonly [number, number];
  readonly xFormat?: (value: number, step?: number) => string;
  /** In order of x. */
  readonly marks?: readonly LineMark[];
}

/** Up to this many points per series are drawn as dots with tooltips. */
const DOTS = 60;

export function linePlot({ xLabel, yLabel, series, marks = [], ...rest }: LinePlot): Html {
  const { fromZero = false, upTo, yFormat, xNames, xWhole = false, ...others } = rest;
  const { diagonal = false, xDomain, xFormat, ...text } = others;
  const points = series.flatMap((s) => s.points);
  const ys = [...points.map(([, y]) => y), ...series.flatMap((s) => s.band?.flat() ?? [])];
  if (upTo !== undefined) ys.push(upTo);
  const numbers = {
    label: xLabel,
    domain: xDomain ?? (xWhole ? wholeExtent : extent)(points.map(([x]) => x)),
    whole: xWhole,
    ...(xFormat && { format: xFormat }),
  };
  const axes = {
    x: xNames ? { label: xLabel, names: xNames } : numbers,
    y: { label: yLabel, domain: roundDomain(ys, fromZero), ...(yFormat && { format: yFormat }) },
  };
  const title = tooltip(xNames, rest.yFormat, rest.xFormat);
  const dotted = series.every((one) => one.points.length <= DOTS);
  const draw = (area: Area) => [
    series.map((one, i) => band(area, one, i)),
    diagonal && diagonalLine(area, [0, 1]),
    markLines(area, marks),
    series.map((one, i) => [curve(area, one, i), dots(area, one, i, dotted, title)]),
  ];
  return plot(
    text,
    axes,
    draw,
    series.map(({ name }) => name),
    'lines',
  );
}

type Title = (series: string, x: number, y: number, name: string | undefined) => string;

/** Tooltips show more digits than the axes. */
function tooltip(
  names: readonly string[] | undefined,
  format = (value: number) => formatNumber(value, 4),
  xFormat = (value: number) => formatNumber(value, 4),
): Title {
  return (series, x, y, name) =>
    `${series}${name === undefined ? '' : `, ${name}`}: ${format(y)} at ${names?.[x] ?? xFormat(x)}`;
}

/** Names that do not fit before the next mark appear only in tooltips. */
function markLines(area: Area, marks: readonly LineMark[]): Html[] {
  return marks.map(({ x, name }, i) => {
    const left = px(area.x(x));
    const next = marks[i + 1];
    const end = next === undefined ? area.right : area.x(next.x);
    const fits = left + (name.length + 1) * LETTER <= end;
    const label = fits && html`<text x="${px(left + 4)}" y="${area.top + 10}">${name}</text>`;
    return html`<g><title>${name}</title><path class="guide" d="M${left} ${area.top}V${area.bottom}"/>${label}</g>`;
  });
}

/** Curves span the whole width: the ends need not be round numbers. */
function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return areApart(low, high) ? [low, high] : roundDomain(values);
}

/** The same from one whole number to another, since an axis needs two. */
function wholeExtent(values: readonly number[]): [number, number] {
  const [first] = values;
  if (first !== undefined && values.every((value) => value === first)) {
    return [Math.round(first) - 1, Math.round(first) + 1];
  }
  const [low, high] = extent(values);
  return [Math.floor(low), Math.ceil(high)];
}

function curve(area: Area, { name, points }: LineSeries, index: number): Html {
  let drawing = false;
  const path = points.map(([x, y]) => {
    const next =
      Number.isFinite(x) && Number.isFinite(y)
        ? `${drawing ? 'L' : 'M'}${px(area.x(x))} ${px(area.y(y))}`
        : '';
    drawing = next !== '';
    return next;
  });
  return html`<path class="line ${colourOf(index)}" d="${path.join('')}"><title>${name}</title></path>`;
}

/** For all points, or only for named ones. */
function dots(
  area: Area,
  { name, points, names = [] }: LineSeries,
  index: number,
  all: boolean,
  title: Title,
): Html[] {
  return points.flatMap(([x, y], i) => {
    if (!Number.isFinite(x) || !Number.isFinite(y) || !(all || names[i] !== undefined)) return [];
    const [left, top] = [px(area.x(x)), px(area.y(y))];
    const called = names[i];
    const fits = called !== undefined && left + 6 + called.length * LETTER <= area.right;
    const label =
      called !== undefined &&
      html`<text x="${fits ? left + 6 : left}" y="${top - 7}"${!fits && html` text-anchor="end"`}>${called}</text>`;
    return [
      html`<circle class="${colourOf(index)}" cx="${left}" cy="${top}" r="3"><title>${title(name, x, y, names[i])}</title></circle>${label}`,
    ];
  });
}

function band(area: Area, { points, band: edges }: LineSeries, index: number): Html | undefined {
  if (edges === undefined) return undefined;
  const side = (end: 0 | 1) => points.map(([x], i) => `${px(area.x(x))} ${px(area.y(edges[i]![end]))}`);
  return html`<path class="band ${colourOf(index)}" d="M${[...side(0), ...side(1).reverse()].join('L')}Z"/>`;
}
