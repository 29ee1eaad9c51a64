/** `agewise data import`: its arguments. What it does is in run-import.ts, loaded only when it is called. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CLEANING_PRESETS, describeRules } from '../../data/about.js';
import { anyNumber, wholeNumber } from '../arguments.js';
import { definitionList } from '../list.js';
import type { ImportFlags } from './import-flags.js';
import { optionList } from './sets.js';

const presets = Object.entries(CLEANING_PRESETS);

const AFTER = `
The store is a folder: data/*.parquet with a row for each picture, as DuckDB,
pandas and Hugging Face datasets read it; dataset.json; rejects.csv, which lists
what was not stored and why; duplicates.json, groups of near-duplicates.

Rules of cleaning (--clean), each of which a flag can replace:
${definitionList(presets.map(([name, rules]) => [name, describeRules(rules)]))}

An import that is interrupted, or finds the disk full, leaves nothing; given
again, it starts clean.

Examples:
  agewise data import utkface downloads/UTKFace utkface.store --size 128
  agewise data import wiki downloads/wiki_crop wiki.store --clean wide-resnet --detect --size 256
  agewise data import csv faces.csv own.store --option path=file --option age=years

Exit codes:
  0    the store is there; what was rejected is listed in it
  1    the store cannot be written
  2    wrong usage, or a source that cannot be used; nothing was written
  130  interrupted; nothing was written
`;

export function addImport(data: Command): void {
  data
    .command('import')
    .summary('read, clean and store a data set')
    .description('Reads a data set as its authors publish it, cleans it, and makes a store of it.')
    .argument('<set>', 'a data set, as agewise data --help lists them')
    .argument('<source>', 'its folder or file, downloaded and unpacked')
    .argument('<out>', 'the store to be made')
    .option('--size <n>', 'make larger pictures smaller: the longest side in pixels', wholeNumber(8, 4096))
    .option(
      '--quality <n>',
      'encode pictures as JPEG of this quality (default 90 where they change)',
      wholeNumber(1, 100),
    )
    .addOption(new Option('--crop', "cut faces out by the set's own boxes").conflicts('detect'))
    .option('--detect', "cut faces out by Agewise's detector; in a picture with a box, the face in it")
    .option('--margin <m>', "keep this much of the face's size on each side (default 0.4)", anyNumber(0, 4))
    .option('--align', 'turn faces until the eyes are level; with --detect')
    .addOption(
      new Option('--clean <rules>', 'rules of cleaning')
        .choices(presets.map(([name]) => name))
        .default('none'),
    )
    .option('--min-age <years>', 'leave out who is younger', wholeNumber(0, 150))
    .option('--max-age <years>', 'leave out who is older', wholeNumber(0, 150))
    .option('--need-gender', 'leave out whose gender is unknown')
    .option('--min-face-score <s>', "the least score of the authors' detector", anyNumber(-1e6, 1e6))
    .option('--single-face', 'leave out pictures with a second face')
    .option(
      '--min-size <n>',
      'the least shorter side, of the picture or the face cut out',
      wholeNumber(1, 4096),
    )
    .option('--no-duplicates', 'do not look for near-duplicates')
    .option(
      '--option <key=value>',
      'what the reader of this set takes besides (agewise data import SET --help); give it again for more',
      collect,
    )
    .option('--overwrite', 'replace a store of that name')
    .option('--json', 'print what is in the store as one JSON object')
    .addHelpText('after', ({ command }) => optionsOf(command.args[0]) + AFTER)
    .action(async (set: string, source: string, out: string, flags: ImportFlags) => {
      const { runImport } = await import('./run-import.js');
      process.exitCode = await runImport(set, source, out, flags);
    });
}

/** What `--option` takes for the set that help is asked about, if it is. */
function optionsOf(set: string | undefined): string {
  const list = set === undefined ? '' : optionList(set);
  return list === '' ? '' : `\nOptions of ${set} (--option key=value):\n${list}\n`;
}

function collect(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw new InvalidArgumentError('Expected key=value.');
  return { ...before, [key]: value! };
}
