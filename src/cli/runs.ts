/** The arguments of `agewise runs`. run-runs.ts runs it and is loaded only when needed. */
import { type Command, Option } from 'commander';
import type { RunsFlags } from './runs-flags.js';

const AFTER = `
A run is a folder made by agewise train. Members of an ensemble are listed one by one.
Figures are those of the best weights on the run's own validation part: they compare
runs of the same split. --csv and --json print all of them, and more about each run.

Examples:
  agewise runs
  agewise runs experiments --csv > runs.csv

Exit codes:
  0    done
  1    some runs could not be read; the others are listed
  2    wrong usage, or a folder without runs
`;

export function addRuns(program: Command): void {
  program
    .command('runs')
    .summary('compare runs of training in one table')
    .description('Compares runs of training in one table.')
    .argument('[folder]', 'a folder of runs, or a run', 'runs')
    .option('--csv', 'print CSV')
    .addOption(new Option('--json', 'print one JSON object per line for each run').conflicts('csv'))
    .addHelpText('after', AFTER)
    .action(async (folder: string, flags: RunsFlags) => {
      const { runRuns } = await import('./run-runs.js');
      process.exitCode = await runRuns(folder, flags);
    });
}
