/** 2D histograms, such as estimated ages over true ages: cells in the plane, in a stronger colour for larger counts. */
import { formatNumber } from './format.js';
import { diagonalLine, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';

export interface DensityPlot extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  /** The side of a cell, in the unit of the axes. */
  readonly cell: number;
  /** The range of both axes. */
  readonly domain: readonly [number, number];
  /** The lower edges of a cell, and its count. */
  readonly cells: readonly (readonly [x: number, y: number, count: number])[];
}

/** The opacity of the faintest cell, still visible. */
const FAINTEST = 0.12;

export function densityPlot({ xLabel, yLabel, cell, domain, cells, ...text }: DensityPlot): Html {
  const most = cells.reduce((largest, [, , count]) => Math.max(largest, count), 0);
  const axes = { x: { label: xLabel, domain }, y: { label: yLabel, domain } };
  return plot(text, axes, (area) => [
    cells.map(([x, y, count]) => {
      const [left, right, top, bottom] = [area.x(x), area.x(x + cell), area.y(y + cell), area.y(y)];
      // Shades follow the square root of the counts, since small counts would all look empty.
      const shade = FAINTEST + (1 - FAINTEST) * Math.sqrt(count / most);
      return html`<rect class="cell" x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}" fill-opacity="${px(shade)}"><title>${formatNumber(x)} to ${formatNumber(x + cell)}, ${formatNumber(y)} to ${formatNumber(y + cell)}: ${formatNumber(count)}</title></rect>`;
    }),
    diagonalLine(area, domain),
  ]);
}
