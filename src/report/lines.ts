/** Curves: one or several series over a quantity, such as losses over steps. */

import { formatNumber } from './format.js';
import { type Area, colourOf, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';
import { roundDomain } from './scale.js';

export interface LineSeries {
  readonly name: string;
  /** In order of x. Where y is NaN the curve has a gap. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Low and high of y at each point, drawn as a band around the curve. */
  readonly band?: readonly (readonly [low: number, high: number])[];
}

export interface LinePlot extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly LineSeries[];
  /** Whether y begins at zero. Default: where the values begin. */
  readonly fromZero?: boolean;
}

/** Up to so many points of a series are drawn as dots that tell their values. */
const DOTS = 60;

export function linePlot({ xLabel, yLabel, series, fromZero = false, ...text }: LinePlot): Html {
  const points = series.flatMap((s) => s.points);
  const ys = [...points.map(([, y]) => y), ...series.flatMap((s) => s.band?.flat() ?? [])];
  const axes = {
    x: { label: xLabel, domain: extent(points.map(([x]) => x)) },
    y: { label: yLabel, domain: roundDomain(ys, fromZero) },
  };
  const draw = (area: Area) => series.map((one, i) => [band(area, one, i), curve(area, one, i)]);
  return plot(
    text,
    axes,
    draw,
    series.map(({ name }) => name),
  );
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
  const dots = points.length > DOTS ? [] : points.filter(([, y]) => Number.isFinite(y));
  return html`<path class="line ${colourOf(index)}" d="${path.join('')}"><title>${name}</title></path>${dots.map(
    ([x, y]) =>
      html`<circle class="${colourOf(index)}" cx="${px(area.x(x))}" cy="${px(area.y(y))}" r="3"><title>${name}: ${formatNumber(y, 4)} at ${formatNumber(x, 4)}</title></circle>`,
  )}`;
}

function band(area: Area, { points, band: edges }: LineSeries, index: number): Html | undefined {
  if (edges === undefined) return undefined;
  const side = (end: 0 | 1) => points.map(([x], i) => `${px(area.x(x))} ${px(area.y(edges[i]![end]))}`);
  return html`<path class="band ${colourOf(index)}" d="M${[...side(0), ...side(1).reverse()].join('L')}Z"/>`;
}
