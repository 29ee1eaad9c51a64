/** `agewise data inspect`: its arguments. What it does is in run-inspect.ts, loaded only when it is called. */
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import type { InspectFlags } from './flags.js';

/** More would make a page that browsers are slow with. */
const MOST_SAMPLED = 200;

const AFTER = `
The page holds all it shows, pictures too: it can be opened and sent as one file.
Pictures of people are in it, so the set's terms of use hold for it.

Examples:
  agewise data inspect utkface.store
  agewise data inspect utkface.store --out utkface.html --sample 48
  agewise data inspect utkface.store --json > utkface.json

Exit codes:
  0    done
  2    wrong usage, or the folder is no store
  130  interrupted; nothing was written
`;

export function addInspect(data: Command): void {
  data
    .command('inspect')
    .summary('show what is in a store, and what looks wrong')
    .description(
      'Makes a page of a store: ages, people, sizes, suspicious labels, what was rejected, and contact sheets.',
    )
    .argument('<store>', 'a folder that agewise data import has made')
    .option('--out <page>', 'the page; default: the name of the store with .html')
    .option('--json', 'print the figures as one JSON object; a page is then written only with --out')
    .option('--sample <n>', 'pictures shown of each age band', wholeNumber(1, MOST_SAMPLED), 24)
    .option('--seed <n>', 'which pictures are shown', wholeNumber(0, 2 ** 32 - 1), 0)
    .addHelpText('after', AFTER)
    .action(async (store: string, flags: InspectFlags) => {
      const { runInspect } = await import('./run-inspect.js');
      process.exitCode = await runInspect(store, flags);
    });
}
