/** A run's curves: its figures over epochs and updates. */
import {
  type Content,
  decimalsOf,
  formatNumber,
  html,
  type LineMark,
  type LinePlot,
  type LineSeries,
  linePlot,
} from '../../report/index.js';
import { figureNames, kindOf } from './figures.js';
import type { EpochEntry, StepEntry } from './types.js';

/** Curves of many updates are thinned to this many points. */
const POINTS = 240;

/** The size in pixels of plots shown in pairs, which fits on a phone. */
export const HALF = { width: 430, height: 230 } as const;

/** Each figure over epochs, on the training and the validation part. */
export function epochCurves(epochs: readonly EpochEntry[]): Content {
  const names = figureNames(epochs.flatMap(({ train, validation }) => [train, validation ?? {}]));
  const marks = stageMarks(epochs, ({ epoch }) => epoch);
  const plots = names.map((name) => {
    const { title, label, description, axis } = kindOf(name);
    const of = (part: 'train' | 'validation') =>
      epochs.flatMap((entry): [number, number][] => {
        const value = entry[part]?.[name];
        return value === undefined ? [] : [[entry.epoch, value]];
      });
    const series = [
      { name: 'training', points: of('train') },
      { name: 'validation', points: of('validation') },
    ];
    const known = series.filter(({ points }) => points.length > 0);
    const alone = known.length === 1 ? `Of the ${known[0]!.name} part.` : undefined;
    const note = [description, alone].filter((sentence) => sentence !== undefined).join(' ');
    return linePlot({
      caption: title,
      ...(note && { description: note }),
      ...HALF,
      xLabel: 'epoch',
      yLabel: label,
      ...(axis && { yFormat: axis }),
      xWhole: true,
      marks,
      series: known,
    });
  });
  return html`<div class="pair">${plots}</div>`;
}

/** The loss, the learning rate and the speed over updates. */
export function updateCurves(steps: readonly StepEntry[]): Content {
  const marks = stageMarks(steps, ({ step }) => step);
  const over = (
    caption: string,
    label: string,
    value: (entry: StepEntry) => number,
    text: Pick<LinePlot, 'description' | 'yFormat'> = {},
  ) =>
    linePlot({
      caption,
      ...text,
      ...HALF,
      xLabel: 'update',
      yLabel: label,
      xWhole: true,
      marks,
      series: [thinned(caption, steps, value)],
    });
  const loss = over(
    'Loss of training',
    'loss',
    ({ train }) => train.loss ?? Number.NaN,
    steps.length > POINTS
      ? {
          description:
            'Each point is the mean of several entries; the band reaches from the least to the greatest.',
        }
      : {},
  );
  const rate = over('Learning rate', 'rate', (entry) => entry.rate, { yFormat: rateText });
  const speed = over('Speed', 'images per second', ({ imagesPerSecond }) => imagesPerSecond);
  return html`<div class="pair">${[loss, rate, speed]}</div>`;
}

/** Means of groups of neighbours, with their range as a band. */
function thinned(name: string, steps: readonly StepEntry[], value: (entry: StepEntry) => number): LineSeries {
  const size = Math.ceil(steps.length / POINTS);
  const points: [number, number][] = [];
  const band: [number, number][] = [];
  for (let i = 0; i < steps.length; i += size) {
    const group = steps.slice(i, i + size);
    const values = group.map(value).filter(Number.isFinite);
    if (values.length === 0) continue;
    points.push([mean(group.map(({ step }) => step)), mean(values)]);
    band.push([Math.min(...values), Math.max(...values)]);
  }
  return { name, points, ...(size > 1 && { band }) };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The beginning of each stage, if there are several. */
function stageMarks<E extends { readonly stage: string }>(
  entries: readonly E[],
  at: (entry: E) => number,
): LineMark[] {
  const first = entries.filter((entry, i) => entry.stage !== entries[i - 1]?.stage);
  return first.length > 1 ? first.map((entry) => ({ x: at(entry), name: entry.stage })) : [];
}

/** @param step of an axis, whose numbers must differ */
export function rateText(rate: number, step = 1): string {
  const size = Math.abs(rate);
  if (rate === 0 || size >= 1e-3) return formatNumber(rate, Math.max(5, decimalsOf(step)));
  const decimals = Math.max(2, decimalsOf(step / 10 ** Math.floor(Math.log10(size))));
  return rate.toExponential(decimals).replace(/\.?0+e/, 'e');
}
