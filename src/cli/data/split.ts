/** The arguments of `agewise data split`. run-split.ts runs it and is loaded only when needed. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SPLIT_METHODS, type SplitMethodName } from '../../data/about.js';
import { outputPath, wholeNumber } from '../arguments.js';
import { definitionList } from '../list.js';
import type { SplitFlags } from './split-flags.js';

const MOST_FOLDS = 100;
const LAST_REPETITION = 4;

const METHODS = (Object.keys(SPLIT_METHODS) as SplitMethodName[]).filter((name) => name !== 'given');

const AFTER = `
Methods:
${definitionList(METHODS.map((name) => [name, SPLIT_METHODS[name]]))}

All pictures of a person are in one part, and so are near-duplicates. The split is
written to NAME.split.json in the store's folder, names the store that it belongs
to, and is replaced only with --overwrite.

If --out ends in .csv, the split is also written as a table with the columns row,
file (the path in the data set) and part; an existing split of that name is written
unchanged. --from reads such a table, with row or file or both, for a split made
elsewhere. A recipe uses it with data.split={name: given, split: NAME}.

Examples:
  agewise data split utkface.store
  agewise data split utkface.store --shares train=0.9,test=0.1 --seed 7 --name big
  agewise data split utkface.store --method folds --folds 10
  agewise data split agedb.store --method benchmark
  agewise data split fgnet.store --method people
  agewise data split utkface.store --out split.csv
  agewise data split utkface.store --from split.csv --name mine

Exit codes:
  0  done
  1  the file could not be written
  2  wrong usage, the folder is not a store, the data does not allow this split,
     or the file exists already
`;

export function addSplit(data: Command): void {
  data
    .command('split')
    .summary('divide a store into training, validation and test parts')
    .description('Divides a store into training, validation and test parts, and writes the split to a file.')
    .argument('<store>', 'a folder made by agewise data import')
    .addOption(new Option('--method <method>', 'how to divide (default: shares)').choices(METHODS))
    .option(
      '--shares <list>',
      'parts and their sizes (method shares; default: train=0.8,validation=0.1,test=0.1)',
      shares,
    )
    .option('--folds <n>', 'number of folds (method folds; default: 5)', wholeNumber(2, MOST_FOLDS))
    .option(
      '--repetition <n>',
      'which of the five splits, from 0 (method benchmark; default: all)',
      wholeNumber(0, LAST_REPETITION),
    )
    .option('--no-stratify', 'do not balance age and gender over the parts (methods shares, folds)')
    .option('--seed <n>', 'seed of the random choices (default: 0)', wholeNumber(0, 2 ** 32 - 1))
    .option('--from <table>', 'read the split from a CSV file instead of making one')
    .option('--name <name>', 'the name of the split (default: the method, or given)')
    .option(
      '--out <path>',
      "the folder of its file (default: the store's), or a .csv file for a table",
      outputPath,
    )
    .option('--overwrite', 'replace an existing split')
    .option('--json', 'print one JSON object per line for each split')
    .addHelpText('after', AFTER)
    .action(async (store: string, flags: SplitFlags) => {
      const { runSplit } = await import('./run-split.js');
      process.exitCode = await runSplit(store, flags);
    });
}

/** Such as `train=0.8,test=0.2`. */
export function shares(text: string): Record<string, number> {
  const parts = text.split(',').map((part) => /^\s*([\w-]+)\s*=\s*(0?\.\d+)\s*$/.exec(part));
  const found = parts.every((part) => part !== null)
    ? parts.map((part): [string, number] => [part[1]!, Number(part[2])])
    : [];
  const sum = found.reduce((total, [, share]) => total + share, 0);
  const names = new Set(found.map(([name]) => name));
  if (found.length >= 2 && names.size === found.length && Math.abs(sum - 1) < 1e-6) {
    return Object.fromEntries(found);
  }
  throw new InvalidArgumentError(
    'Expected two or more parts, each named once, whose shares sum to 1, as in train=0.8,test=0.2.',
  );
}
