/** Scatter plots, such as estimates over true ages. */
import { type Area, colourOf, diagonalLine, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';
import { roundDomain } from './scale.js';

export interface ScatterSeries {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ScatterPlot extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly ScatterSeries[];
  /** Draws the line y = x and gives both axes the same range. */
  readonly diagonal?: boolean;
}

export function scatterPlot({ xLabel, yLabel, series, diagonal = false, ...text }: ScatterPlot): Html {
  const points = series.flatMap((s) => s.points);
  const both = roundDomain(points.flat());
  const domain = (axis: 0 | 1) => (diagonal ? both : roundDomain(points.map((point) => point[axis])));
  const axes = { x: { label: xLabel, domain: domain(0) }, y: { label: yLabel, domain: domain(1) } };
  const draw = (area: Area) => [diagonal && diagonalLine(area, both), series.map((s, i) => dots(area, s, i))];
  return plot(
    text,
    axes,
    draw,
    series.map(({ name }) => name),
  );
}

/**
 * One path for all dots, since thousands of elements would make a page slow. A zero-length stroke with round ends is a
 * dot.
 */
function dots(area: Area, { name, points }: ScatterSeries, index: number): Html {
  const path = points
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
    .map(([x, y]) => `M${px(area.x(x))} ${px(area.y(y))}h0`);
  return html`<path class="dots ${colourOf(index)}" d="${path.join('')}"><title>${name}</title></path>`;
}
