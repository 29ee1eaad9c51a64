/** The format of figures and the choice of headline figures, the same for pages, cards and terminals. */
import { formatNumber, formatShare } from '../report/index.js';
import type { Evaluation, Figure, Grouping, Part, Section } from './document.js';
import { RANKED_FROM } from './parts.js';

/** Formats a figure. */
export type Write = (value: number) => string;

export const writeYears: Write = (value) => value.toFixed(2);
export const writeShare: Write = (value) => `${(100 * value).toFixed(1)}%`;
export const writePlain: Write = (value) => value.toFixed(3);

const UNKNOWN = '–';

export const valueText = (figure: Figure | undefined, write: Write): string =>
  figure?.value == null ? UNKNOWN : write(figure.value);

/** For example `4.41 to 4.72`; empty without an interval. */
export const rangeText = (figure: Figure | undefined, write: Write): string =>
  figure?.low == null || figure.high == null ? '' : `${write(figure.low)} to ${write(figure.high)}`;

/** For example `4.55 (4.41 to 4.72)`. */
export function figureText(figure: Figure | null | undefined, write: Write): string {
  const range = rangeText(figure ?? undefined, write);
  return valueText(figure ?? undefined, write) + (range && ` (${range})`);
}

export interface HeadlineFigure {
  readonly name: string;
  readonly figure: Figure;
  /** The number of faces it counts, and the share of all faces that were not found. */
  readonly n: number;
  readonly notFoundShare: number;
  readonly write: Write;
}

/** The figures that most people look for, if defined. */
export function headlineFigures({
  all,
  interval,
  gender,
  reliability,
  classes,
  origin,
}: Evaluation): HeadlineFigure[] {
  const { mean, median } = all.age;
  const adult = reliability.find(({ threshold }) => threshold === 18);
  // Of a model of groups its own are the only set, unless others were requested.
  const ofGroups = origin?.models.every(({ groups }) => groups !== undefined);
  const groups = ofGroups ? Object.values(classes)[0]?.[0]?.figures : undefined;
  const wanted: readonly [string, Section | null | undefined, string, Write][] = [
    ['age group accuracy', groups, 'accuracy', writeShare],
    ['age group or the next, accuracy', groups, 'oneOff', writeShare],
    ['age group F1, mean of groups', groups, 'macroF1', writePlain],
    ['age group AUC, mean of groups', groups, 'macroAuc', writePlain],
    ['MAE, years', mean, 'mae', writeYears],
    ['MAE of the median, years', median, 'mae', writeYears],
    ['MAE, mean over age bands', mean, 'macroMae', writeYears],
    ['RMSE, years', mean, 'rmse', writeYears],
    ['bias, years', mean, 'bias', writeYears],
    ['within 5 years (CS@5)', mean, 'cs5', writeShare],
    ['age in the labelled range', all.ranges.mean, 'inside', writeShare],
    ['ε-error', all.apparent.mean, 'epsilonError', writePlain],
    ['NLL, nats', all.likelihood, 'nll', writePlain],
    ['CRPS, years', all.knownAge, 'crps', writeYears],
    ['ages in the 90% interval', all.knownAge, 'coverage90', writeShare],
    ['width of the 90% interval', all.shape, 'width90', writeYears],
    [
      `ages in the calibrated interval, of ${formatShare(interval?.coverage ?? 0)}`,
      interval?.figures,
      'coverage',
      writeShare,
    ],
    ['width of the calibrated interval', interval?.figures, 'width', writeYears],
    ['over 25% in one year', all.shape, 'spiked', writeShare],
    [
      `calibration error of P(≥18), ${adult?.bins.length} bins`,
      adult?.figures,
      'calibrationError',
      writePlain,
    ],
    ['gender accuracy', all.gender, 'accuracy', writeShare],
    ['balanced gender accuracy', all.gender, 'balancedAccuracy', writeShare],
    ['gender AUC', all.gender, 'auc', writePlain],
    ['gender F1, mean of both', gender?.figures, 'macroF1', writePlain],
  ];
  return wanted.flatMap(([name, section, key, write]) => {
    const figure = section?.figures[key];
    const { notFoundShare } = all.faces;
    return figure?.value == null ? [] : [{ name, figure, n: section!.n, notFoundShare, write }];
  });
}

/** A sentence on how intervals were made. */
export function bootstrapText({ bootstrap, all }: Evaluation): string {
  const { draws, seed, confidence, unit, units } = bootstrap;
  const over = unit === 'face' ? `${formatNumber(all.faces.total)} faces` : `${formatNumber(units)} people`;
  return `Intervals hold ${100 * confidence}% of ${formatNumber(draws)} bootstrap draws over ${over}, seed ${seed}; ${CONSTANT_SHARES}.`;
}

/** What has to be said beside bootstrap intervals. */
export const CONSTANT_SHARES = 'those of 0% and 100% are by Clopper and Pearson';

/** The data set evaluated, such as `UTKFace (utkface.store), part 'test' of split 'hash'`. */
export function dataText({ origin }: Evaluation): string {
  if (origin === undefined) return 'the faces evaluated';
  const { title, path, part, split } = origin.data;
  return `${title} (${path})${part === null ? '' : `, part '${part}' of split '${split}'`}`;
}

/** The age figures of a part: of means, or of medians if there are no means. */
export const ageOf = ({ age }: Part): Section | undefined => age.mean ?? age.median;

/** A sentence that names the worst and the best group; undefined if too few are large enough. */
export function worstText({ parts, worst, best }: Grouping): string | undefined {
  if (worst === null || best === null) return undefined;
  const described = (name: string) => {
    const part = parts.find((one) => one.name === name);
    return `${name}, MAE ${valueText(part && ageOf(part)?.figures.mae, writeYears)} years`;
  };
  return `Worst: ${described(worst)}; best: ${described(best)} (among groups of ${RANKED_FROM} faces or more).`;
}
