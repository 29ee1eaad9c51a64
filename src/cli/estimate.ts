/** The arguments of `agewise estimate`. run-estimate.ts runs it and is loaded only when needed. */
import { extname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OLDEST } from '../age/index.js';
import { parseShard, type Shard } from '../bulk/about.js';
import { anyNumber, collect, outputPath } from './arguments.js';
import type { EstimateFlags } from './flags.js';
import { croppedOption, deviceOption, flipOption, maxPixelsOption, threadsOption } from './options.js';
import { UsageError } from './usage.js';

const AFTER = `
Inputs are files, folders (with all pictures below them), patterns such as
"photos/**/*.jpg", quoted or not, and - for one picture on standard input.
Of folders and patterns, copies that --annotate wrote are left out. @list.txt stands
for the pictures that the file lists, a path on each line, from its folder on.
Supported formats are JPEG, PNG, WebP, AVIF, TIFF and GIF. Videos (MP4, MOV, WebM,
MKV, AVI), which need ffmpeg, get one row per person; give them apart from pictures.

--out writes a file instead of printing: Parquet or CSV with one row per face, or
JSON lines. There may be any number of pictures, and the store of agewise data
import is an input too; for videos, there is one row per person. After an
interruption, even by a crash, the same command continues where it was. --shard 3/64
takes every 64th picture, beginning with the third: 64 such commands on any machines
estimate everything once, and agewise jobs join makes one file of their Parquet files.

Examples:
  agewise estimate photo.jpg
  agewise estimate photos --annotate marked
  agewise estimate clip.mp4 --every 0.5 --annotate marked
  agewise estimate "photos/**/*.jpg" --at-least 18,25 --csv > ages.csv
  agewise estimate archive/ --out ages.parquet
  agewise estimate @list.txt --shard 3/64 --out part-3.parquet
  curl -s https://example.org/group.jpg | agewise estimate - --json

Exit codes:
  0    all pictures are done, including those without a face
  1    some pictures could not be read, or the output could not be written
  2    wrong usage, or a model or device that cannot be used; no picture was read
  130  interrupted; finished results have been printed, or are kept with --out

With --json, a picture that cannot be read is printed as {"file", "error"} on
standard output. A model that cannot be loaded is printed as {"error"} there, and
on standard error too. Wrong usage is reported on standard error only.
`;

export function addEstimate(program: Command): void {
  program
    .command('estimate')
    .summary('estimate the age of every face in pictures')
    .description(
      'Estimates the age of every face in pictures, with its uncertainty, and the apparent gender.',
    )
    .argument('<inputs...>', 'files, folders, patterns, or - for standard input')
    .addOption(new Option('--json', 'print one JSON object per line for each picture').conflicts('csv'))
    .option('--csv', 'print one row per face, under a header')
    .addOption(
      new Option('--out <file>', 'write the results to this .parquet, .csv or .jsonl file')
        .argParser(resultsFile)
        .conflicts(['json', 'csv', 'annotate']),
    )
    .option('--shard <i/n>', 'with --out: only every n-th picture, beginning with the i-th', shardOf)
    .option('--overwrite', 'with --out: replace an existing file')
    .option(
      '--annotate <dir>',
      'write copies of the pictures with the faces marked to this folder',
      outputPath,
    )
    .option(
      '--every <seconds>',
      'how far apart the frames of a video are (default: 0.2)',
      anyNumber(0.01, 3600),
    )
    .addOption(agesOption())
    .option('--distribution', 'also print the probability of every age')
    .option('--groups', 'accept only models that predict age groups (their groups are always in the output)')
    .option('--no-gender', 'do not estimate gender')
    .addOption(croppedOption())
    .option('--no-turn', 'do not look for sideways or upside-down faces')
    .addOption(flipOption())
    .option(
      '--model <model>',
      "a shipped model, an .onnx file or a run's folder; repeat to average several",
      collect,
    )
    .addOption(deviceOption('where the networks run'))
    .addOption(threadsOption())
    .addOption(maxPixelsOption())
    .addHelpText('after', AFTER)
    .action(async (inputs: string[], flags: EstimateFlags) => {
      if (flags.out !== undefined) {
        const { runEstimateToFile } = await import('./run-estimate-to-file.js');
        process.exitCode = await runEstimateToFile(inputs, flags, flags.out);
        return;
      }
      const [needless] = (['shard', 'overwrite'] as const).filter((name) => flags[name] !== undefined);
      if (needless !== undefined)
        throw new UsageError(`--${needless} is only for results in a file; name it with --out`);
      const { runEstimate } = await import('./run-estimate.js');
      process.exitCode = await runEstimate(inputs, flags);
    });
}

/** Endings of files of results. */
const RESULTS = ['.parquet', '.csv', '.jsonl'];

function resultsFile(path: string): string {
  if (RESULTS.includes(extname(path).toLowerCase())) return path;
  throw new InvalidArgumentError(`Expected a file that ends in ${RESULTS.join(', ')}.`);
}

function shardOf(text: string): Shard {
  const shard = parseShard(text);
  if (shard !== undefined) return shard;
  throw new InvalidArgumentError('Expected a number and how many there are, from 1/1, as in 3/64.');
}

export const agesOption = (): Option =>
  new Option('--at-least <ages>', 'add the probability of being at least this old, such as 18,25').argParser(
    ages,
  );

/** Ages in ascending order, each once. */
function ages(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => /^\d+$/.test(part) && Number(part) <= OLDEST)) {
    return [...new Set(parts.map(Number))].sort((a, b) => a - b);
  }
  throw new InvalidArgumentError(
    `Expected whole years from 0 to ${OLDEST}, separated by commas, as in 18,25.`,
  );
}
