/** An evaluation on a terminal: the figures that most people look for, each with its interval. */
import { CHALLENGE_YEARS } from '../estimate/about.js';
import {
  CHANGE_KINDS,
  type Check,
  CONSTANT_SHARES,
  type Evaluation,
  type Grouping,
  headlineFigures,
  type Part,
  writePlain as plain,
  rangeText,
  writeShare as share,
  valueText,
  writeYears as years,
} from '../evaluate/index.js';
import { formatNumber } from '../report/index.js';
import { alignedTable } from './aligned-table.js';
import { oneLine, type Paint } from './text.js';

const UNKNOWN = '–';

/** Whole lines. */
export function evaluationSummary(evaluation: Evaluation, paint: Paint): string {
  const { bold, dim } = paint;
  const notes = evaluation.origin?.notes ?? [];
  return [
    `${bold(oneLine(title(evaluation)))}\n`,
    `${dim(subtitle(evaluation))}\n`,
    '\n',
    headline(evaluation, paint),
    ...evaluation.groups
      .filter(({ parts }) => parts.length > 1)
      .map((group) => `\n${groupTable(group, paint)}`),
    classTable(evaluation, paint),
    checkTable(evaluation, paint),
    robustnessTable(evaluation, paint),
    ...(notes.length > 0 ? ['\n', ...notes.map((note) => `${oneLine(note)}\n`)] : []),
  ].join('');
}

function title({ origin }: Evaluation): string {
  if (origin === undefined) return 'Evaluation';
  const { name, data, cropped, flip } = origin;
  const part = data.part === null ? '' : `, part '${data.part}' of split '${data.split}'`;
  return `${name} on ${data.title} (${data.path})${part}${cropped ? ', faces as they are stored' : ''}${flip ? ', in the mean with their mirror images' : ''}`;
}

function subtitle({ all: { faces }, bootstrap, origin }: Evaluation): string {
  const { total, notFound, notFoundShare } = faces;
  const unreadable = origin?.unreadable.length ?? 0;
  const { draws, seed, confidence, unit, units } = bootstrap;
  const over = unit === 'face' ? 'faces' : `${formatNumber(units)} people`;
  return (
    `${formatNumber(total)} ${total === 1 ? 'face' : 'faces'}, ${formatNumber(notFound)} not found (${share(notFoundShare)})` +
    `${unreadable > 0 ? `, ${formatNumber(unreadable)} pictures not read` : ''}; ` +
    `intervals of ${100 * confidence}% by ${formatNumber(draws)} bootstrap draws over ${over}, seed ${seed}; ${CONSTANT_SHARES}`
  );
}

function headline(evaluation: Evaluation, paint: Paint): string {
  const rows = headlineFigures(evaluation).map(({ name, figure, n, notFoundShare, write }) => [
    name,
    valueText(figure, write),
    rangeText(figure, write),
    formatNumber(n),
    share(notFoundShare),
  ]);
  return alignedTable(
    [
      { title: '' },
      { title: 'value', align: 'right' },
      { title: 'interval', align: 'right' },
      { title: 'faces', align: 'right' },
      { title: 'not found', align: 'right' },
    ],
    rows,
    paint,
  );
}

function groupTable({ column, parts, unknown, worst }: Grouping, paint: Paint): string {
  const cell = (part: Part) => {
    const age = part.age.mean ?? part.age.median;
    return [
      part.name === worst ? `${oneLine(part.name)} (worst)` : oneLine(part.name),
      formatNumber(part.faces.total),
      share(part.faces.notFoundShare),
      valueText(age?.figures.mae, years),
      rangeText(age?.figures.mae, years),
      valueText(age?.figures.bias, years),
      valueText(part.gender?.figures.accuracy, share),
    ];
  };
  const shown = parts.slice(0, MOST_PARTS);
  const table = alignedTable(
    [
      { title: `by ${column}` },
      ...['faces', 'not found', 'MAE', 'interval', 'bias', 'gender accuracy'].map((title) => ({
        title,
        align: 'right' as const,
      })),
    ],
    shown.map(cell),
    paint,
  );
  const left = parts.length - shown.length;
  return [
    table,
    ...(left > 0 ? [paint.dim(`… and ${formatNumber(left)} more; --json lists them all`), '\n'] : []),
    ...(unknown > 0 ? [paint.dim(`unknown for ${formatNumber(unknown)} faces`), '\n'] : []),
  ].join('');
}

/** Of each set of classes, the most probable one. */
function classTable({ classes, all: { faces } }: Evaluation, paint: Paint): string {
  const rows = Object.entries(classes).flatMap(([name, ways]) => {
    const likeliest = ways.find(({ by }) => by === 'probability');
    if (likeliest === undefined) return [];
    const { n, figures } = likeliest.figures;
    return [
      [
        oneLine(name),
        valueText(figures.accuracy, share),
        rangeText(figures.accuracy, share),
        valueText(figures.oneOff, share),
        valueText(figures.macroF1, plain),
        formatNumber(n),
        share(faces.notFoundShare),
      ],
    ];
  });
  if (rows.length === 0) return '';
  const right = ['exact', 'interval', 'one-off', 'macro F1', 'faces', 'not found'];
  const columns = right.map((title) => ({ title, align: 'right' as const }));
  return `\n${alignedTable([{ title: 'age classes' }, ...columns], rows, paint)}`;
}

/** The maximum number of groups shown on a terminal. */
const MOST_PARTS = 20;

function checkTable({ checks }: Evaluation, paint: Paint): string {
  const shown = checks.filter(
    ({ column, decoding, minors }) => column === null && decoding === 'mean' && minors > 0,
  );
  if (shown.length === 0) return '';
  const rows = shown.map((check) => {
    const at = check.challenges.indexOf(check.threshold + CHALLENGE_YEARS);
    const sure = check.wanted.find(({ rate }) => rate === WANTED)?.sureChallenge;
    return [
      who(check),
      formatNumber(check.minors),
      valueText(check.falseAdultRate, share),
      rangeText(check.falseAdultRate, share),
      `${check.threshold + CHALLENGE_YEARS}`,
      valueText(check.falsePositive[at], share),
      rangeText(check.falsePositive[at], share),
      check.adults === 0 ? UNKNOWN : valueText(check.falseNegative[at], share),
      sure == null ? UNKNOWN : `${sure}`,
    ];
  });
  const right = (title: string) => ({ title, align: 'right' as const });
  const table = alignedTable(
    [
      { title: 'age checks' },
      right('minors'),
      right('estimated as adults'),
      right('interval'),
      right('challenge'),
      right('minors passed'),
      right('interval'),
      right('adults referred'),
      right(`for ${share(WANTED)}`),
    ],
    rows,
    paint,
  );
  return `\n${table}${paint.dim(olderLine(checks))}`;
}

/** How many are stopped who have reached the challenge age themselves, at the age that most checks are of. */
function olderLine(checks: readonly Check[]): string {
  const { older } =
    checks.find(
      ({ threshold, decoding, older: known }) => threshold === ADULT && decoding === 'mean' && known !== null,
    ) ?? {};
  if (older == null) return '';
  const { age, faces, referred } = older;
  return `of ${formatNumber(faces)} of ${age} or older, ${valueText(referred, share)} (${rangeText(referred, share)}) are stopped by a challenge age of ${age}\n`;
}

const ADULT = 18;

/** The rate of passing minors for which the challenge age is shown. */
const WANTED = 0.05;

const who = ({ threshold, youngest }: Check): string =>
  youngest === 0 ? `${threshold}, all below` : `${threshold}, ${youngest} to ${threshold - 1} alone`;

/** The error at each level of each change, a row for each kind. */
function robustnessTable({ robustness }: Evaluation, paint: Paint): string {
  if (robustness === undefined) return '';
  const { faces, plain, curves, views } = robustness;
  const rows = curves.map(({ kind, levels }) => {
    const { title, unit } = CHANGE_KINDS[kind]!;
    const values = levels.map(({ level, mae }) =>
      levels.length === 1 ? valueText(mae, years) : `${formatNumber(level)}: ${valueText(mae, years)}`,
    );
    return [title.toLowerCase(), values.join('  '), unit];
  });
  const table = alignedTable(
    [
      { title: `MAE of ${formatNumber(faces)} faces` },
      { title: `${valueText(plain, years)} as they are` },
      { title: '' },
    ],
    rows,
    paint,
  );
  const { count, deviation, range, flip } = views;
  const of = (figure: typeof deviation) => `${valueText(figure, years)} (${rangeText(figure, years)})`;
  return (
    `\n${table}` +
    paint.dim(
      `${count} views of a face, shifted and mirrored: deviation ${of(deviation)}, range ${of(range)}, mirror image off by ${of(flip)} years\n`,
    )
  );
}
