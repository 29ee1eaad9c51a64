/** The page of all benchmarks' figures, docs/PERFORMANCE.md, as Markdown. */
import type { Benchmark } from './benchmarks.js';
import { passes, type Result } from './report.js';

/** The results of one benchmark. */
export interface Measurement {
  readonly benchmark: Benchmark;
  /** One list for each run; none if its material is absent. */
  readonly runs: readonly (readonly Result[])[];
  /** Committed text: where the time goes, and what was tried without gain. */
  readonly notes: string;
}

export interface Page {
  readonly machine: string;
  readonly date: string;
  /** How the figures were made. */
  readonly command: string;
  readonly measurements: readonly Measurement[];
}

/** A figure over several runs. Texts are those of the runs that had the value. */
interface Spread {
  readonly name: string;
  readonly median: Result;
  readonly least: Result;
  readonly most: Result;
  readonly runs: number;
}

/** Of an even number of runs the lower of the two in the middle, so that the figure is that of a run. */
export function spreadOf(runs: readonly (readonly Result[])[]): Spread[] {
  const names = [...new Set(runs.flat().map(({ name }) => name))];
  return names.map((name) => {
    const found = runs.flatMap((run) => run.filter((one) => one.name === name));
    const sorted = found.toSorted((a, b) => a.measured - b.measured);
    const median = sorted[Math.ceil(sorted.length / 2) - 1]!;
    return { name, median, least: sorted[0]!, most: sorted.at(-1)!, runs: found.length };
  });
}

const row = (...cells: string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(...header), row(...header.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');
}

function figureRow({ name, median, least, most, runs }: Spread): string[] {
  const bound = `${median.kind === 'at least' ? '≥' : '≤'} ${median.boundText}`;
  const spread = runs > 1 ? `${least.measuredText} … ${most.measuredText}` : '';
  return [name, median.measuredText, spread, bound, passes({ ...median, format: String }) ? 'yes' : '**no**'];
}

function section({ benchmark, runs, notes }: Measurement): string {
  const { name, title, peer, ours, theirs } = benchmark;
  const settings = table(
    ['', ''],
    [
      ['peer', peer],
      ['Agewise', ours],
      ['the peer', theirs],
    ],
  );
  const figures =
    runs.length === 0
      ? 'Not measured: it failed, or its material is not on this machine.'
      : table(['', 'median', 'range', 'asked for', 'met'], spreadOf(runs).map(figureRow));
  return [`## ${title}`, `\`npm run bench:${name}\``, settings, figures, notes.trim()]
    .filter(Boolean)
    .join('\n\n');
}

/** One line for each benchmark: what is asked for and met. */
function overview(measurements: readonly Measurement[]): string {
  return table(
    ['benchmark', 'peer', 'runs', 'met'],
    measurements.map(({ benchmark, runs }) => {
      const figures = spreadOf(runs);
      const met = figures.filter(({ median }) => passes({ ...median, format: String })).length;
      const all = runs.length === 0 ? 'not measured' : `${met} of ${figures.length}`;
      return [benchmark.title, benchmark.peer, String(runs.length), all];
    }),
  );
}

export function performancePage({ machine, date, command, measurements }: Page): string {
  const intro =
    `Made by \`${command}\` on ${date}: ${machine}. Every benchmark compares both sides in the same run, in turns, each with its ` +
    'fastest known settings. A figure is the median over the runs, with the least and the most of them beside it.';
  return `${['# Performance', intro, overview(measurements), ...measurements.map(section)].join('\n\n')}\n`;
}
