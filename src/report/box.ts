/** Box plots: the distribution of values in several groups (Tukey, Exploratory Data Analysis, 1977). */

import { formatNumber } from './format.js';
import { type Area, colourOf, type PlotText, plot, px } from './frame.js';
import { type Html, html } from './html.js';
import { roundDomain } from './scale.js';

export interface Quartiles {
  /** The ends of the whiskers: the outermost values within 1.5 interquartile ranges of the box. */
  readonly low: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly high: number;
}

export interface BoxGroup extends Quartiles {
  readonly name: string;
}

export interface BoxPlot extends PlotText {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly groups: readonly BoxGroup[];
}

const WHISKER = 1.5;
const BOX_SHARE = 0.5;
const WIDEST_BOX = 48;

/**
 * Quartiles are interpolated linearly between order statistics (type 7 of Hyndman and Fan, 1996).
 * @throws RangeError for no values
 */
export function quartiles(values: ArrayLike<number>): Quartiles {
  if (values.length === 0) throw new RangeError('Quartiles need at least one value, found none');
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
  };
  const [q1, median, q3] = [at(0.25), at(0.5), at(0.75)];
  const reach = WHISKER * (q3 - q1);
  const low = sorted.find((value) => value >= q1 - reach)!;
  const high = sorted.findLast((value) => value <= q3 + reach)!;
  return { low, q1, median, q3, high };
}

export function boxPlot({ xLabel, yLabel, groups, ...text }: BoxPlot): Html {
  const axes = {
    x: { label: xLabel, names: groups.map(({ name }) => name) },
    y: { label: yLabel, domain: roundDomain(groups.flatMap(({ low, high }) => [low, high])) },
  };
  return plot(text, axes, (area) => groups.map((group, i) => box(area, group, i, groups.length)));
}

function box(area: Area, group: BoxGroup, index: number, groups: number): Html {
  const { name, low, q1, median, q3, high } = group;
  const half = Math.min(WIDEST_BOX, ((area.right - area.left) / groups) * BOX_SHARE) / 2;
  const x = area.x(index);
  const [left, right] = [px(x - half), px(x + half)];
  const [yLow, y1, y2, y3, yHigh] = [low, q1, median, q3, high].map((value) => px(area.y(value)));
  const tooltip = `${name}: median ${formatNumber(median)}, half within ${formatNumber(q1)} to ${formatNumber(q3)}, whiskers ${formatNumber(low)} to ${formatNumber(high)}`;
  return html`<g class="box ${colourOf(0)}"><title>${tooltip}</title><path d="M${px(x)} ${yLow}V${y1}M${px(x)} ${y3}V${yHigh}"/><rect x="${left}" y="${y3}" width="${px(2 * half)}" height="${px(y1! - y3!)}"/><path class="median" d="M${left} ${y2}H${right}"/></g>`;
}
