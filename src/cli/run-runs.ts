/** Runs `agewise runs`. */
import { formatDuration } from '../report/index.js';
import { figureNames, isCommon, kindOf, type RunSummary, summarizeRuns } from '../train/index.js';
import { alignedTable } from './aligned-table.js';
import { Console } from './console.js';
import { csvRow } from './csv.js';
import type { RunsFlags } from './runs-flags.js';
import { jsonText, type Look, lookOf, oneLine, type Paint, paint } from './text.js';
import { EXIT } from './usage.js';

/** @returns the exit code */
export async function runRuns(folder: string, flags: RunsFlags): Promise<number> {
  const console = new Console();
  const { runs, problems } = await summarizeRuns(folder);
  await console.print(runsText(runs, flags, lookOf(process.stdout)));
  for (const problem of problems) await console.complain(problem);
  return problems.length > 0 ? EXIT.inputsFailed : EXIT.done;
}

/** The printed form of runs: a table, CSV, or a line of JSON for each. */
export function runsText(runs: readonly RunSummary[], { csv, json }: RunsFlags, look: Look): string {
  if (json) return runs.map(jsonText).join('');
  if (csv) return csvText(runs);
  return runs.length === 0 ? '' : runTable(runs, paint(look));
}

const figuresOf = (runs: readonly RunSummary[]) => figureNames(runs.map(({ best }) => best?.figures ?? {}));

/** The figures that are well known; `--csv` has all. */
function runTable(runs: readonly RunSummary[], style: Paint): string {
  const names = figuresOf(runs).filter(isCommon);
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const columns = [
    { title: 'Run' },
    { title: 'Recipe' },
    { title: 'Data' },
    right('Epochs'),
    right('Best'),
    ...names.map((name) => right(kindOf(name).short)),
    right('Time'),
  ];
  const rows = runs.map(({ name, recipe, data, epochs, plannedEpochs, best, seconds }) => [
    oneLine(name),
    oneLine(recipe),
    oneLine(data.join(', ')),
    `${epochs} of ${plannedEpochs}`,
    best === null ? '' : String(best.epoch),
    ...names.map((figure) => {
      const value = best?.figures[figure];
      return value === undefined ? '' : kindOf(figure).cell(value);
    }),
    formatDuration(seconds),
  ]);
  return alignedTable(columns, rows, style);
}

function csvText(runs: readonly RunSummary[]): string {
  const names = figuresOf(runs);
  const head = [
    'run',
    'folder',
    'recipe',
    'network',
    'data',
    'seed',
    'started',
    'epochs',
    'planned_epochs',
    'updates',
    'seconds',
    'best_epoch',
    ...names.map((name) => `validation_${name}`),
  ];
  const rows = runs.map((run) => [
    run.name,
    run.folder,
    run.recipe,
    run.network,
    run.data.join(', '),
    run.seed,
    run.started,
    run.epochs,
    run.plannedEpochs,
    run.updates,
    run.seconds,
    run.best?.epoch,
    ...names.map((name) => finite(run.best?.figures[name])),
  ]);
  return [head, ...rows].map(csvRow).join('');
}

const finite = (value: number | undefined) => (Number.isFinite(value) ? value : undefined);
