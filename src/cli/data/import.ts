/** The arguments of `agewise data import`. run-import.ts runs it and is loaded only when needed. */
import { type Command, Option } from 'commander';
import { CLEANING_PRESETS, describeRules } from '../../data/about.js';
import { anyNumber, collectOption, outputPath, wholeNumber } from '../arguments.js';
import { definitionList } from '../list.js';
import { maxPixelsOption } from '../options.js';
import type { ImportFlags } from './import-flags.js';
import { optionList } from './sets.js';

const presets = Object.entries(CLEANING_PRESETS);

const AFTER = `
The store is a folder: data/*.parquet with a row for each picture, readable by
DuckDB, pandas and Hugging Face datasets; dataset.json; rejects.csv, which lists
what was left out and why; duplicates.json, with groups of near-duplicates.

Cleaning rules (--clean); flags override single rules:
${definitionList(presets.map(([name, rules]) => [name, describeRules(rules)]))}

--corrections takes a table with the columns file (the path in the data set),
exclude (yes), age and gender; empty cells change nothing. In a picture with several
faces, face says which one, from 1, in the order of the data set. The page of agewise
data inspect offers one with the suspicious pictures, to be filled in.

An import that is interrupted, or runs out of disk space, leaves nothing behind;
run again, it starts from scratch.

Examples:
  agewise data import utkface downloads/UTKFace try.store --limit 500
  agewise data import utkface downloads/UTKFace utkface.store --size 128
  agewise data import wiki downloads/wiki_crop wiki.store --clean wide-resnet --detect --size 256
  agewise data import csv faces.csv own.store --option path=file --option age=years

Exit codes:
  0    the store is written; rejected pictures are listed in it
  1    the store cannot be written
  2    wrong usage, or a source that cannot be used; nothing was written
  130  interrupted; nothing was written
`;

export function addImport(data: Command): void {
  data
    .command('import')
    .summary('read, clean and store a data set')
    .description('Reads a data set as its authors publish it, cleans it, and writes it as a store.')
    .argument('<set>', 'a data set listed by agewise data --help')
    .argument('<source>', 'its folder or file, downloaded and unpacked')
    .argument('<out>', 'the store to write', outputPath)
    .option('--size <n>', 'shrink larger pictures to this longest side, in pixels', wholeNumber(8, 4096))
    .option(
      '--quality <n>',
      'encode pictures as JPEG of this quality (default: 90 for pictures that change)',
      wholeNumber(1, 100),
    )
    .addOption(new Option('--crop', "crop faces by the set's own boxes").conflicts('detect'))
    .option('--detect', "crop faces by Agewise's detector; if a picture has a box, the face in the box")
    .option('--margin <m>', "add this share of the face's size on each side (default: 0.4)", anyNumber(0, 4))
    .option('--align', 'rotate faces until the eyes are level; needs --detect')
    .addOption(
      new Option(
        '--rotations',
        'rotate faces to the best of 25 angles, at which the detector is most certain, as DEX; needs --detect; slow',
      ).conflicts('align'),
    )
    .addOption(
      new Option('--clean <rules>', 'the cleaning rules')
        .choices(presets.map(([name]) => name))
        .default('none'),
    )
    .option('--min-age <years>', 'leave out younger people', wholeNumber(0, 150))
    .option('--max-age <years>', 'leave out older people', wholeNumber(0, 150))
    .option('--need-gender', 'leave out people of unknown gender')
    .option('--min-face-score <s>', "minimum score of the authors' face detector", anyNumber(-1e6, 1e6))
    .option('--single-face', 'leave out pictures with a second face')
    .option(
      '--min-size <n>',
      'minimum shorter side of the picture, or of the cropped face',
      wholeNumber(1, 4096),
    )
    .option('--limit <n>', 'use only n pictures, chosen at random by their paths', wholeNumber(1, 2 ** 32))
    .option('--corrections <table>', 'a CSV file of pictures to leave out or to label otherwise')
    .addOption(maxPixelsOption())
    .option('--no-duplicates', 'do not look for near-duplicates')
    .option(
      '--option <key=value>',
      'an option of this data set (see agewise data import SET --help); can be repeated',
      collectOption,
    )
    .option('--overwrite', 'replace an existing store')
    .option('--json', 'print a summary of the store as one JSON object')
    .addHelpText('after', ({ command }) => optionsOf(command.args[0]) + AFTER)
    .action(async (set: string, source: string, out: string, flags: ImportFlags) => {
      const { runImport } = await import('./run-import.js');
      process.exitCode = await runImport(set, source, out, flags);
    });
}

/** The values of `--option` for the set named before --help, if any. */
function optionsOf(set: string | undefined): string {
  const list = set === undefined ? '' : optionList(set);
  return list === '' ? '' : `\nOptions of ${set} (--option key=value):\n${list}\n`;
}
