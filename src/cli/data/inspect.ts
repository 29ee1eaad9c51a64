/** The arguments of `agewise data inspect`. run-inspect.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import { outputPath, wholeNumber } from '../arguments.js';
import type { InspectFlags } from './flags.js';

/** More would make the page slow in browsers. */
const MOST_SAMPLED = 200;

const AFTER = `
The page is one self-contained file, pictures included. It shows pictures of
people, so the terms of use of the data set apply to it.

Examples:
  agewise data inspect utkface.store
  agewise data inspect utkface.store --out utkface.html --sample 48
  agewise data inspect utkface.store --json > utkface.json

Exit codes:
  0    done
  1    the page cannot be written
  2    wrong usage, or the folder is not a store
  130  interrupted; nothing was written
`;

export function addInspect(data: Command): void {
  data
    .command('inspect')
    .summary('show what a store contains and what looks wrong')
    .description(
      'Writes a page about a store: ages, people, sizes, suspicious labels, rejected pictures and contact sheets.',
    )
    .argument('<store>', 'a folder made by agewise data import')
    .option('--out <page>', 'the page to write (default: the name of the store with .html)', outputPath)
    .option('--json', 'print the figures as one JSON object; write a page only if --out is given')
    .option('--sample <n>', 'pictures shown for each age band', wholeNumber(1, MOST_SAMPLED), 24)
    .option('--seed <n>', 'seed of the choice of pictures', wholeNumber(0, 2 ** 32 - 1), 0)
    .addHelpText('after', AFTER)
    .action(async (store: string, flags: InspectFlags) => {
      const { runInspect } = await import('./run-inspect.js');
      process.exitCode = await runInspect(store, flags);
    });
}
