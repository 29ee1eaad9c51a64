/** The arguments of `agewise compare`. run-compare.ts runs it and is loaded only when needed. */
import { type Command, Option } from 'commander';
import { collect, collectOption, outputPath, wholeNumber } from './arguments.js';
import type { CompareFlags } from './compare-flags.js';
import { croppedOption, deviceOption, flipOption, threadsOption } from './options.js';

const MOST_DRAWS = 100_000;

const AFTER = `
Every model and peer sees the same pictures. Errors, gender and likelihood are over
the faces that all of them found; age checks are over all faces, where faces not
found are referred. Differences are from the first model, with intervals of the
paired bootstrap: * marks an interval without 0. For several data sets there is also
a table of each model's error on each of them.

Peers are other libraries, if installed: face-api (@vladmandic/face-api, which takes
crops with --cropped) and human (@vladmandic/human, which detects the face even in
crops).

Examples:
  agewise compare --model agewise-base --model run --data utkface.store --split hash --part test --cropped
  agewise compare --model agewise-base --peer face-api --peer human --data photos.csv
  agewise compare --model a.onnx --model b.onnx --data utkface.store --data aaf.store --html compared.html
  agewise compare --predictions a.parquet --predictions b.parquet --json

Exit codes:
  0    the comparison is done
  1    it is done without some pictures or labels, which could not be read
  2    wrong usage, a model that cannot be loaded, a peer that is not installed, or data that cannot be used
  130  interrupted
`;

export function addCompare(program: Command): void {
  program
    .command('compare')
    .summary('compare models and other libraries on the same faces')
    .description('Compares models and other libraries on the same labelled faces, in one table.')
    .option('--model <model>', 'a shipped model, an .onnx file or a run; repeat for several', collect)
    .option('--facts <file>', 'what a model without metadata is: a YAML file (docs/MODELS.md)', collect)
    .option('--as <recipe>', 'the system whose published weights a .h5 or .safetensors file holds', collect)
    .addOption(new Option('--peer <library>', 'face-api or human; repeat for both').argParser(collect))
    .option(
      '--data <path>',
      'the labelled pictures, as for agewise evaluate; repeat for several sets',
      collect,
    )
    .option('--predictions <file>', 'predictions kept by agewise evaluate; repeat for several', collect)
    .option('--split <name>', 'a split of each store, made by agewise data split')
    .option('--part <name>', 'the part of the split')
    .option('--set <set>', 'which data set it is, if its files do not show it; see agewise data --help')
    .option('--option <key=value>', 'an option of this data set; can be repeated', collectOption)
    .addOption(croppedOption())
    .addOption(flipOption())
    .option(
      '--seen-faces',
      'compare also on faces that a model learned from or was calibrated on, and note it',
    )
    .option('--draws <n>', 'bootstrap draws (default: 1000)', wholeNumber(1, MOST_DRAWS))
    .option('--seed <n>', 'seed of the bootstrap (default: 0)', wholeNumber(0, 2 ** 32 - 1))
    .option('--html <file>', 'write a page with the tables', outputPath)
    .option('--json', 'print one JSON object per line for each data set')
    .addOption(deviceOption('where the networks run'))
    .addOption(threadsOption())
    .addHelpText('after', AFTER)
    .action(async (flags: CompareFlags) => {
      const { runCompare } = await import('./run-compare.js');
      process.exitCode = await runCompare(flags);
    });
}
