/** Curves: one or several series over a quantity, such as losses over steps. */

import { formatNumber } from './format.js';
import { type Area, colourOf, diagonalLine, LETTER, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';
import { roundDomain } from './scale.js';

export interface LineSeries {
  readonly name: string;
  /** In order of x. Where y is NaN the curve has a gap. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Low and high of y at each point, drawn as a band around the curve. */
  readonly band?: readonly (readonly [low: number, high: number])[];
  /** What a point is called; those that have names are drawn as dots with them. */
  readonly names?: readonly (string | undefined)[];
}

/** Where something begins: a line across the plot with a name at its top. */
export interface LineMark {
  readonly x: number;
  readonly name: string;
}

export interface LinePlot extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly LineSeries[];
  /** Whether y begins at zero. Default: where the values begin. */
  readonly fromZero?: boolean;
  /** What y reaches at least, so that plots beside one another can share a scale. */
  readonly upTo?: number;
  readonly yFormat?: (value: number) => string;
  /** Names along x in the place of numbers: a point's x is then the place of its name, from 0. */
  readonly xNames?: readonly string[];
  /** Whether x counts, so that only whole numbers are written along it. */
  readonly xWhole?: boolean;
  /** Draws the line where y = x, both from 0 to 1. */
  readonly diagonal?: boolean;
  /** Where x begins and ends. Default: where the points do. */
  readonly xDomain?: readonly [number, number];
  readonly xFormat?: (value: number) => string;
  /** In order of x. */
  readonly marks?: readonly LineMark[];
}

/** Where no series has more points, they are drawn as dots that tell their values. */
const DOTS = 60;

export function linePlot({ xLabel, yLabel, series, marks = [], ...rest }: LinePlot): Html {
  const { fromZero = false, upTo, yFormat = formatNumber, xNames, xWhole = false, ...others } = rest;
  const { diagonal = false, xDomain, xFormat, ...text } = others;
  const points = series.flatMap((s) => s.points);
  const ys = [...points.map(([, y]) => y), ...series.flatMap((s) => s.band?.flat() ?? [])];
  if (upTo !== undefined) ys.push(upTo);
  const numbers = {
    label: xLabel,
    domain: xDomain ?? extent(points.map(([x]) => x)),
    whole: xWhole,
    ...(xFormat && { format: xFormat }),
  };
  const axes = {
    x: xNames ? { label: xLabel, names: xNames } : numbers,
    y: { label: yLabel, domain: roundDomain(ys, fromZero), format: yFormat },
  };
  const tell = tooltip(xNames, rest.yFormat, rest.xFormat);
  const dotted = series.every((one) => one.points.length <= DOTS);
  const draw = (area: Area) => [
    series.map((one, i) => band(area, one, i)),
    diagonal && diagonalLine(area, [0, 1]),
    markLines(area, marks),
    series.map((one, i) => [curve(area, one, i), dots(area, one, i, dotted, tell)]),
  ];
  return plot(
    text,
    axes,
    draw,
    series.map(({ name }) => name),
    'lines',
  );
}

type Tell = (series: string, x: number, y: number, name: string | undefined) => string;

/** Numbers are told with more digits than stand at the axes. */
function tooltip(
  names: readonly string[] | undefined,
  format = (value: number) => formatNumber(value, 4),
  xFormat = (value: number) => formatNumber(value, 4),
): Tell {
  return (series, x, y, name) =>
    `${series}${name === undefined ? '' : `, ${name}`}: ${format(y)} at ${names?.[x] ?? xFormat(x)}`;
}

/** Names that do not fit in front of the next mark are left to the pointer. */
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

/** Curves run from edge to edge: the ends need not be round. */
function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low < high ? [low, high] : roundDomain(values);
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

/** Of all points, or of those that have names alone. */
function dots(
  area: Area,
  { name, points, names = [] }: LineSeries,
  index: number,
  all: boolean,
  tell: Tell,
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
      html`<circle class="${colourOf(index)}" cx="${left}" cy="${top}" r="3"><title>${tell(name, x, y, names[i])}</title></circle>${label}`,
    ];
  });
}

function band(area: Area, { points, band: edges }: LineSeries, index: number): Html | undefined {
  if (edges === undefined) return undefined;
  const side = (end: 0 | 1) => points.map(([x], i) => `${px(area.x(x))} ${px(area.y(edges[i]![end]))}`);
  return html`<path class="band ${colourOf(index)}" d="M${[...side(0), ...side(1).reverse()].join('L')}Z"/>`;
}
