/**
 * The speed of whole training steps, compared with PyTorch and TensorFlow.js:
 *
 *     npm run bench:train -- [NETWORK]... [--rounds N] [--runs N] [--standard] [--speed]
 *
 * A step is forward, backward and SGD with momentum. Each side trains in a process of its own, from the same weights and on the
 * same batch; they take turns step by step, and all but one are stopped. Losses of the first steps must agree as well as
 * rounding lets them. `--runs` repeats the whole, since single runs differ by 2 to 3%: requirements are then about means over
 * the runs. `--standard` adds Agewise without its blocked kernels;
 * `--speed` leaves out TensorFlow.js and the check of losses, which one run settles.
 */
import { parseArgs } from 'node:util';
import { describeMachine } from './lib/machine.js';
import { type BenchNetwork, benchNetwork, NETWORKS } from './lib/networks.js';
import { measurePeak, type Peak } from './lib/peak.js';
import { positiveNumber, type Requirement, runBenchmark } from './lib/report.js';
import { geometricMean, mean } from './lib/statistics.js';
import { hasTorch } from './lib/trainers.js';
import {
  type Comparison,
  type ComparisonOptions,
  compareTraining,
  memoryRatio,
  named,
} from './lib/training-comparison.js';
import { formatComparisons, formatRuns } from './lib/training-table.js';

const THREADS = 2;
/** Timed steps of each network. */
const ROUNDS = '6';

/** Over PyTorch's speed: the geometric mean, and each network. */
const REQUIRED_MEAN = 1.05;
const REQUIRED_EACH = 0.95;
const GOAL_EACH = 1;
const REQUIRED_OVER_TENSORFLOW = 10;
/** Over PyTorch's memory. */
const ALLOWED_MEMORY = 1.3;
/** How many times as far as rounding alone moves them losses may be apart. */
const ALLOWED_LOSS_DIFFERENCE = 10;

await runBenchmark(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: ROUNDS },
      runs: { type: 'string', default: '1' },
      standard: { type: 'boolean', default: false },
      speed: { type: 'boolean', default: false },
    },
  });
  const [rounds, runs] = [positiveNumber('--rounds', values.rounds), positiveNumber('--runs', values.runs)];
  const networks = positionals.length === 0 ? NETWORKS : positionals.map(benchNetwork);
  const torch = hasTorch();
  console.log(`${await describeMachine()}\n`);
  if (!torch) console.log('PyTorch is not installed (see scripts/debian.sh), so it is left out.');
  const options = { threads: THREADS, standard: values.standard, speed: values.speed, torch, rounds };
  const all: Comparison[][] = [];
  for (let run = 0; run < runs; run++) all.push(await compareAll(networks, options));
  if (runs > 1) console.log(`\n${formatRuns(all)}`);
  return requirementsOf(all);
});

/** Times one network after the other and prints the table. */
async function compareAll(
  networks: readonly BenchNetwork[],
  options: ComparisonOptions,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  const peaks: Peak[] = [];
  for (const network of networks) {
    peaks.push(await measurePeak(options.threads));
    comparisons.push(await compareTraining(network, options));
  }
  const peak = peaks.reduce((best, one) => (one.flops > best.flops ? one : best));
  console.log(formatComparisons(comparisons, peak));
  console.log(`\nPeak: ${(peak.flops / 1e9).toFixed(0)} GFLOP/s by ${peak.of} on ${THREADS} threads.`);
  return comparisons;
}

/** Means over the runs of a figure of each network, left out where a run lacks it. */
function means(
  runs: readonly (readonly Comparison[])[],
  figure: (comparison: Comparison) => number | undefined,
): { readonly network: string; readonly value: number }[] {
  return runs[0]!.flatMap(({ network }, i) => {
    const found = runs.flatMap((run) => figure(run[i]!) ?? []);
    return found.length < runs.length ? [] : [{ network: network.name, value: mean(found) }];
  });
}

function speedOver(name: string) {
  return ({ agewise, others }: Comparison): number | undefined => {
    const rival = named(others, name);
    return rival && rival.seconds / agewise.seconds;
  };
}

function requirementsOf(runs: readonly (readonly Comparison[])[]): Requirement[] {
  const requirements: Requirement[] = [];
  const speeds = means(runs, speedOver('PyTorch'));
  if (speeds.length > 0) {
    const overall = geometricMean(speeds.map(({ value }) => value));
    requirements.push(atLeast("PyTorch's speed, geometric mean", overall, REQUIRED_MEAN));
    for (const { network, value } of speeds) {
      requirements.push(atLeast(`PyTorch's speed, ${network}`, value, REQUIRED_EACH));
    }
    const behind = speeds.filter(({ value }) => value < GOAL_EACH).map(({ network }) => network);
    if (behind.length > 0) console.log(`Below the goal of ${ratio(GOAL_EACH)}: ${behind.join(', ')}.`);
  }
  for (const { network, value } of means(runs, ({ agewise, others }) =>
    memoryRatio(agewise.peakBytes, named(others, 'PyTorch')),
  )) {
    requirements.push(atMost(`PyTorch's peak memory, ${network}`, value, ALLOWED_MEMORY, ratio));
  }
  for (const { value } of means(runs, speedOver('TensorFlow.js'))) {
    requirements.push(atLeast("TensorFlow.js's speed, ResNet-18", value, REQUIRED_OVER_TENSORFLOW));
  }
  const differences = runs.flat().flatMap(({ others }) => others.flatMap((one) => one.lossDifference ?? []));
  if (differences.length > 0) {
    const name = 'losses of the first steps, in multiples of rounding';
    requirements.push(atMost(name, Math.max(...differences), ALLOWED_LOSS_DIFFERENCE, ratio));
  }
  return requirements;
}

function atLeast(name: string, value: number, bound: number): Requirement {
  return { name, measured: value, bound, kind: 'at least', format: ratio };
}

function atMost(name: string, value: number, bound: number, format: Requirement['format']): Requirement {
  return { name, measured: value, bound, kind: 'at most', format };
}

function ratio(value: number): string {
  return `${value.toFixed(2)}×`;
}
