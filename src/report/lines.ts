/** Curves: one or several series over a quantity, such as losses over steps. */

import { formatNumber } from './format.js';
import { type Area, colourOf, LETTER, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';
import { roundDomain } from './scale.js';

export interface LineSeries {
  readonly name: string;
  /** In order of x. Where y is NaN the curve has a gap. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Low and high of y at each point, drawn as a band around the curve. */
  readonly band?: readonly (readonly [low: number, high: number])[];
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
  /** In order of x. */
  readonly marks?: readonly LineMark[];
}

/** Where no series has more points, they are drawn as dots that tell their values. */
const DOTS = 60;

export function linePlot({ xLabel, yLabel, series, marks = [], ...rest }: LinePlot): Html {
  const { fromZero = false, upTo, yFormat = formatNumber, xNames, xWhole = false, ...text } = rest;
  const points = series.flatMap((s) => s.points);
  const ys = [...points.map(([, y]) => y), ...series.flatMap((s) => s.band?.flat() ?? [])];
  if (upTo !== undefined) ys.push(upTo);
  const numbers = { label: xLabel, domain: extent(points.map(([x]) => x)), whole: xWhole };
  const axes = {
    x: xNames ? { label: xLabel, names: xNames } : numbers,
    y: { label: yLabel, domain: roundDomain(ys, fromZero), format: yFormat },
  };
  const tell = tooltip(xNames, rest.yFormat);
  const dotted = series.every((one) => one.points.length <= DOTS);
  const draw = (area: Area) => [
    series.map((one, i) => band(area, one, i)),
    markLines(area, marks),
    series.map((one, i) => [curve(area, one, i), dotted && dots(area, one, i, tell)]),
  ];
  return plot(
    text,
    axes,
    draw,
    series.map(({ name }) => name),
  );
}

type Tell = (series: string, x: number, y: number) => string;

/** Numbers are told with more digits than stand at the axes. */
function tooltip(
  names: readonly string[] | undefined,
  format = (value: number) => formatNumber(value, 4),
): Tell {
  return (series, x, y) => `${series}: ${format(y)} at ${names?.[x] ?? formatNumber(x, 4)}`;
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
    const next = Number.isFinite(y) ? `${drawing ? 'L' : 'M'}${px(area.x(x))} ${px(area.y(y))}` : '';
    drawing = next !== '';
    return next;
  });
  return html`<path class="line ${colourOf(index)}" d="${path.join('')}"><title>${name}</title></path>`;
}

function dots(area: Area, { name, points }: LineSeries, index: number, tell: Tell): Html[] {
  const known = points.filter(([, y]) => Number.isFinite(y));
  return known.map(
    ([x, y]) =>
      html`<circle class="${colourOf(index)}" cx="${px(area.x(x))}" cy="${px(area.y(y))}" r="3"><title>${tell(name, x, y)}</title></circle>`,
  );
}

function band(area: Area, { points, band: edges }: LineSeries, index: number): Html | undefined {
  if (edges === undefined) return undefined;
  const side = (end: 0 | 1) => points.map(([x], i) => `${px(area.x(x))} ${px(area.y(edges[i]![end]))}`);
  return html`<path class="band ${colourOf(index)}" d="M${[...side(0), ...side(1).reverse()].join('L')}Z"/>`;
}
