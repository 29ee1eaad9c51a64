/** The arguments of `agewise jobs` and `agewise worker`. Their implementations are loaded only when needed. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, outputPath, wholeNumber } from '../arguments.js';
import { agesOption } from '../estimate.js';
import {
  croppedOption,
  deviceOption,
  flipOption,
  maxPixelsOption,
  robustnessOption,
  seenFacesOption,
  threadsOption,
} from '../options.js';
import type {
  JobsEstimateFlags,
  JobsEvaluateFlags,
  JobsTrainFlags,
  QueueFlags,
  WorkerFlags,
} from './flags.js';

const AFTER = `
Jobs go to a Redis server (7.0 or newer, maxmemory-policy noeviction, better with an
append-only file), from which workers on any machines take them. All machines must
see inputs, models and results under the same paths. Install the packages that a
queue needs: npm install bullmq ioredis.

The same command with the same --out resumes the run. Failed jobs are retried, jobs
of a silent worker go to another one, and a job that repeatedly kills its worker is
set aside and listed.

Examples:
  agewise worker --queue redis://10.0.0.5:6379 --threads 4     # on each machine
  agewise jobs estimate /mnt/archive --out /mnt/ages.parquet --watch
  agewise jobs train dex-vgg19-ensemble --data /mnt/wiki.store --out /mnt/dex --members 20
  agewise jobs train own.yaml --data /mnt/own.store --out /mnt/folds --folds 10
  agewise jobs status
`;

const EXITS = `
Exit codes:
  0    submitted, or with --watch: all is done and joined
  1    Redis does not answer or is full; with --watch: some jobs were set aside, or the
       run was cancelled
  2    wrong usage, or a Redis server that cannot be used
  130  interrupted; the run continues
`;

const queueOption = (): Option =>
  new Option('--queue <url>', 'the Redis server').env('AGEWISE_QUEUE').default('redis://127.0.0.1:6379');
const attemptsOption = () =>
  new Option('--attempts <n>', 'set a job aside after so many failures (default: 5)').argParser(
    wholeNumber(1, 100),
  );
const watchOption = () => new Option('--watch', 'show the progress until the run is joined');
const MOST_PICTURES = 1_000_000;
const MOST_RUNS = 1000;
const sizeOption = (unit: string) =>
  new Option('--shard-size <n>', `${unit} per job (default: 512)`).argParser(wholeNumber(1, MOST_PICTURES));
const modelHelp = 'a shipped model or an .onnx file; repeat for several';

export function addJobs(program: Command): void {
  const jobs = program
    .command('jobs')
    .summary('distribute work over many machines with a queue')
    .description('Distributes work over many machines with a queue, and shows its progress.')
    .addHelpText('after', AFTER);

  jobs
    .command('estimate')
    .summary('estimate any number of pictures')
    .description('Estimates pictures in shards, which become one Parquet file in the order of the inputs.')
    .argument('<inputs...>', 'folders, patterns, files, one @list, or one store')
    .requiredOption('--out <file>', 'the .parquet file; FILE.jobs beside it holds shards until then', parquet)
    .option('--model <model>', modelHelp, collect)
    .addOption(agesOption())
    .option('--distribution', 'include the probability of every age')
    .option('--groups', 'accept only models that predict age groups')
    .option('--no-gender', 'do not estimate gender')
    .addOption(croppedOption())
    .option('--no-turn', 'do not look for sideways or upside-down faces')
    .addOption(flipOption())
    .addOption(maxPixelsOption())
    .addOption(deviceOption('where the networks run'))
    .addOption(sizeOption('pictures'))
    .addOption(attemptsOption())
    .addOption(queueOption())
    .addOption(watchOption())
    .addHelpText('after', EXITS)
    .action(async (inputs: string[], flags: JobsEstimateFlags) => {
      const { submitEstimate } = await import('./run-estimate.js');
      process.exitCode = await submitEstimate(inputs, flags);
    });

  jobs
    .command('evaluate')
    .summary('predict on a store, for agewise evaluate')
    .description("Writes models' predictions on a store to a file, for agewise evaluate --predictions.")
    .requiredOption('--model <model>', modelHelp, collect)
    .requiredOption('--data <store>', 'a folder made by agewise data import')
    .requiredOption('--out <file>', 'the .parquet file; FILE.jobs beside it holds shards until then', parquet)
    .option('--split <name>', 'a split of the store, made by agewise data split')
    .option('--part <name>', 'the part of the split')
    .addOption(croppedOption())
    .addOption(flipOption())
    .addOption(robustnessOption())
    .addOption(seenFacesOption())
    .addOption(deviceOption('where the networks run'))
    .addOption(sizeOption('pictures'))
    .addOption(attemptsOption())
    .addOption(queueOption())
    .addOption(watchOption())
    .addHelpText('after', EXITS)
    .action(async (flags: JobsEvaluateFlags) => {
      const { submitEvaluate } = await import('./run-evaluate.js');
      process.exitCode = await submitEvaluate(flags);
    });

  jobs
    .command('train')
    .summary('train an ensemble or the folds of a cross-validation')
    .description('Trains members, which become one model, or folds, whose figures are averaged.')
    .argument('<recipe>', 'a name from agewise recipes, or a file')
    .requiredOption('--out <folder>', 'the folder of the runs, and of model.onnx or folds.json', outputPath)
    .option('--data <store>', 'a folder made by agewise data import; repeat for several stores', collect)
    .option('--set <key=value>', 'replace a value of the recipe; can be repeated', collect)
    .addOption(
      new Option('--members <n>', "the number of members (default: the recipe's)")
        .argParser(wholeNumber(1, MOST_RUNS))
        .conflicts('folds'),
    )
    .option('--folds <n>', 'the number of folds, each left out once', wholeNumber(2, 100))
    .addOption(deviceOption('where the networks run'))
    .addOption(attemptsOption())
    .addOption(queueOption())
    .addOption(watchOption())
    .addHelpText('after', EXITS)
    .action(async (recipe: string, flags: JobsTrainFlags) => {
      const { submitTrain } = await import('./run-train.js');
      process.exitCode = await submitTrain(recipe, flags);
    });

  jobs
    .command('status')
    .summary('show the progress of runs')
    .description('Shows the progress of runs, and jobs that were set aside.')
    .argument('[run]', 'all if left out')
    .option('--json', 'print one JSON object per line for each run')
    .addOption(queueOption())
    .action(async (run: string | undefined, flags: QueueFlags) => {
      const { showStatus } = await import('./run-runs.js');
      process.exitCode = await showStatus(run, flags);
    });

  const forRun = (name: string, summary: string, act: 'watch' | 'cancel' | 'retry') =>
    jobs
      .command(name)
      .summary(summary)
      .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
      .argument('<run>', 'as agewise jobs status names it')
      .addOption(queueOption())
      .action(async (run: string, flags: QueueFlags) => {
        const runs = await import('./run-runs.js');
        process.exitCode = await runs[act](run, flags);
      });
  forRun('watch', 'show the progress of a run until it is joined', 'watch');
  forRun('cancel', 'remove the unfinished jobs of a run from the queue', 'cancel');
  forRun('retry', 'retry jobs that were set aside, and add jobs that the queue has lost', 'retry');

  jobs
    .command('join')
    .summary('join Parquet files of agewise estimate --shard, without a queue')
    .description('Joins the Parquet files of all shards into one, in the order of the inputs.')
    .argument('<files...>', 'the files, then the file to write')
    .usage('[options] <parts...> <out.parquet>')
    .action(async (files: string[]) => {
      const { joinFiles } = await import('./run-join.js');
      process.exitCode = await joinFiles(files);
    });
}

function parquet(path: string): string {
  if (path.toLowerCase().endsWith('.parquet')) return path;
  throw new InvalidArgumentError('Expected a file that ends in .parquet.');
}

const MOST_LOCK_SECONDS = 3600;

export function addWorker(program: Command): void {
  program
    .command('worker')
    .summary('take jobs from a queue')
    .description('Takes jobs from a queue, one at a time, until SIGTERM or Ctrl-C.')
    .addOption(queueOption())
    .addOption(threadsOption())
    .option(
      '--lock-seconds <n>',
      'take over jobs of workers silent for so long (default: 30); the same for all workers',
      wholeNumber(1, MOST_LOCK_SECONDS),
    )
    .addHelpText(
      'after',
      `
Networks stay loaded from job to job. If the worker ends during a job, the job goes
back to the queue. A worker whose disk is full ends with exit code 1.

Exit codes:
  0  ended by SIGTERM or Ctrl-C
  1  this machine cannot continue
  2  wrong usage, or the queue cannot be used
`,
    )
    .action(async (flags: WorkerFlags) => {
      const { runWorker } = await import('./run-worker.js');
      await runWorker(flags);
    });
}
