/** Bar charts: a histogram over a quantity, or a count for each name; several series are stacked. */

import { formatNumber } from './format.js';
import { type Area, colourOf, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';
import { roundDomain } from './scale.js';

export interface BarSeries {
  readonly name: string;
  /** One for each bin or name, nonnegative. */
  readonly values: readonly number[];
}

/** A small mark above a notable bin: filled if it is high, hollow if it is low. */
export interface BarNote {
  readonly bin: number;
  readonly kind: 'high' | 'low';
  readonly text: string;
}

export interface Histogram extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  /** The lower edge of the first bin, and the bin width. */
  readonly from: number;
  readonly binWidth: number;
  readonly series: readonly BarSeries[];
  readonly notes?: readonly BarNote[];
  /** A bin's name in its tooltip. Default: its middle. */
  readonly binName?: (bin: number) => string;
  /** How the numbers along x are written. */
  readonly xFormat?: (value: number) => string;
}

export interface BarChart extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly names: readonly string[];
  readonly series: readonly BarSeries[];
}

/** The share of its band that a named column fills. */
const COLUMN_SHARE = 0.72;

export function histogram({ xLabel, yLabel, from, binWidth, series, notes = [], ...rest }: Histogram): Html {
  const bins = binsOf(series);
  const middle = (bin: number) => from + (bin + 0.5) * binWidth;
  const name = rest.binName ?? ((bin: number) => formatNumber(middle(bin)));
  const x = {
    label: xLabel,
    domain: [from, from + bins * binWidth] as const,
    ...(rest.xFormat && { format: rest.xFormat }),
  };
  const draw = (area: Area) => {
    const pixels = area.x(from + binWidth) - area.x(from);
    // A thin gap between columns that are wide enough.
    const column = pixels > 3 ? pixels - 1 : pixels;
    return [
      columns(area, series, name, (bin) => area.x(middle(bin)), column, pixels),
      marks(area, series, notes, (bin) => area.x(middle(bin))),
    ];
  };
  const names = series.map((one) => one.name);
  return plot(rest, { x, y: countAxis(yLabel, series) }, draw, names);
}

export function barChart({ xLabel, yLabel, names, series, ...text }: BarChart): Html {
  const draw = (area: Area) => {
    const band = area.x(1) - area.x(0);
    return columns(area, series, (i) => names[i]!, area.x, band * COLUMN_SHARE, band);
  };
  const axes = { x: { label: xLabel, names }, y: countAxis(yLabel, series) };
  return plot(
    text,
    axes,
    draw,
    series.map(({ name }) => name),
  );
}

const binsOf = (series: readonly BarSeries[]) => Math.max(0, ...series.map(({ values }) => values.length));

const totalOf = (series: readonly BarSeries[], bin: number) =>
  series.reduce((sum, { values }) => sum + (values[bin] ?? 0), 0);

function countAxis(label: string, series: readonly BarSeries[]) {
  const totals = Array.from({ length: binsOf(series) }, (_, bin) => totalOf(series, bin));
  return { label, domain: roundDomain(totals, true) };
}

/** @param width of a column, `hit` of what a pointer meets, in pixels */
function columns(
  area: Area,
  series: readonly BarSeries[],
  name: (bin: number) => string,
  x: (bin: number) => number,
  width: number,
  hit: number,
): Html[] {
  return Array.from({ length: binsOf(series) }, (_, bin) => {
    const total = totalOf(series, bin);
    const parts = series.filter(({ values }) => (values[bin] ?? 0) > 0);
    const detail = series.length > 1 ? parts.map((p) => `, ${p.name} ${formatNumber(p.values[bin]!)}`) : [];
    let below = 0;
    const rects = series.map(({ values }, i) => {
      const value = values[bin] ?? 0;
      if (value === 0) return undefined;
      const [top, bottom] = [area.y(below + value), area.y(below)];
      below += value;
      return html`<rect class="${colourOf(i)}" x="${px(x(bin) - width / 2)}" y="${px(top)}" width="${px(width)}" height="${px(bottom - top)}"/>`;
    });
    return html`<g class="column"><title>${name(bin)}: ${formatNumber(total)}${detail}</title><rect class="hit" x="${px(x(bin) - hit / 2)}" y="${area.top}" width="${px(hit)}" height="${area.bottom - area.top}"/>${rects}</g>`;
  });
}

const MARK = 4;

function marks(
  area: Area,
  series: readonly BarSeries[],
  notes: readonly BarNote[],
  x: (bin: number) => number,
): Html[] {
  return notes.map(({ bin, kind, text }) => {
    const [left, tip] = [x(bin) - MARK, area.y(totalOf(series, bin)) - 2];
    return html`<path class="mark ${kind}" d="M${px(left)} ${px(tip - 6)}h${2 * MARK}l${-MARK} 6z"><title>${text}</title></path>`;
  });
}
