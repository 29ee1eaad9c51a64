/** The arguments of `agewise evaluate`. run-evaluate.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import { collect, collectOption, outputPath, wholeNumber } from './arguments.js';
import type { EvaluateFlags } from './evaluate-flags.js';
import {
  croppedOption,
  deviceOption,
  flipOption,
  robustnessOption,
  seenFacesOption,
  threadsOption,
} from './options.js';

const MOST_DRAWS = 100_000;

const AFTER = `
Models are shipped models, .onnx files or folders of runs; several are evaluated
on the same faces, one by one and as an ensemble; of a file that averages networks
each is evaluated too. Other .onnx files need --facts, and weights as their authors
published them --as. Data is a store made by agewise data import (--split and --part
choose a part of it), the folder or file of a known data set, which is recognized by
its files, a CSV file, or folders of pictures named by age.

Without --cropped each picture's face is detected as by agewise estimate; of several,
the one in the labelled box counts, or the largest. Faces that are not found are
counted, reported and count as referred in age checks. With --cropped each picture,
or the labelled box in it, is the face.

Intervals hold 95% of 1000 bootstrap draws over people, or over faces if people are
not named. --predictions keeps the models' predictions in a Parquet file, from which
the same figures can be computed again without a model.

If it is interrupted, the same command continues: until all is written, predictions are
kept beside the first output file, with .unfinished added to its name.

--html and --card write a page and a model card. For several models there is one
for each, with the model's number or 'ensemble' in its name: page-1.html.

Examples:
  agewise evaluate --model agewise-base --data utkface.store --split hash --part test --cropped
  agewise evaluate --model agewise-base --data photos.csv --json > evaluation.json
  agewise evaluate --model run --model agewise-base --data utkface.store --predictions predictions.parquet
  agewise evaluate --model agewise-base --data UTKFace --robustness --html page.html
  agewise evaluate --model other.onnx --facts other.yaml --data photos.csv
  agewise evaluate --model weights.18-4.06.hdf5 --as wrn-16-8-imdb-wiki --data FairFace
  agewise evaluate --predictions predictions.parquet --html page.html --card card.md

Exit codes:
  0    the evaluation is done
  1    it is done without some pictures or labels, which could not be read
  2    wrong usage, a model that cannot be loaded, or data that cannot be used
  130  interrupted
`;

export function addEvaluate(program: Command): void {
  program
    .command('evaluate')
    .summary('evaluate models on labelled faces')
    .description(
      'Evaluates models on labelled faces: errors, classes, calibration and age checks, with intervals.',
    )
    .option('--model <model>', 'a shipped model, an .onnx file or a run; repeat for several', collect)
    .option('--facts <file>', 'what a model without metadata is: a YAML file (docs/MODELS.md)', collect)
    .option('--as <recipe>', 'the system whose published weights a .h5 or .safetensors file holds', collect)
    .option('--data <path>', 'the labelled pictures')
    .option('--split <name>', 'a split of the store, made by agewise data split')
    .option('--part <name>', 'the part of the split')
    .option('--set <set>', 'which data set it is, if its files do not show it; see agewise data --help')
    .option('--option <key=value>', 'an option of this data set; can be repeated', collectOption)
    .addOption(croppedOption())
    .addOption(flipOption())
    .addOption(robustnessOption())
    .option('--predictions <file>', 'keep the predictions in this file, or evaluate those in it')
    .option('--overwrite', 'replace existing predictions')
    .addOption(seenFacesOption())
    .option(
      '--classes <set>',
      'age classes: adience, groups-14, groups-8 (default: these three) or ranges such as 0-17,18+; repeat for several',
      collect,
    )
    .option('--draws <n>', 'bootstrap draws (default: 1000)', wholeNumber(1, MOST_DRAWS))
    .option('--seed <n>', 'seed of the bootstrap (default: 0)', wholeNumber(0, 2 ** 32 - 1))
    .option('--html <file>', 'write a page with plots and tables', outputPath)
    .option('--pictures', 'put pictures of the faces with the largest errors into the page')
    .option(
      '--card <file>',
      'write a model card, as Markdown, or as JSON if the name ends in .json',
      outputPath,
    )
    .option('--json', 'print one JSON object per line for each model: all figures')
    .addOption(deviceOption('where the networks run'))
    .addOption(threadsOption())
    .addHelpText('after', AFTER)
    .action(async (flags: EvaluateFlags) => {
      const { runEvaluate } = await import('./run-evaluate.js');
      process.exitCode = await runEvaluate(flags);
    });
}
