/**
 * The speed of whole training steps, compared with PyTorch and TensorFlow.js: `npm run bench:train -- [NETWORK]... [--rounds N]
 * [--standard]`. A step is forward, backward and SGD with momentum. Each side trains in a process of its own, from the
 * same weights and on the same batch; they take turns step by step, and all but one are stopped. `--standard` adds
 * Agewise without its blocked kernels. A second table has networks about which nothing is required.
 */
import { parseArgs } from 'node:util';
import { type BenchNetwork, benchNetwork, FURTHER_NETWORKS, REQUIRED_NETWORKS } from './lib/networks.js';
import { measurePeak, type Peak } from './lib/peak.js';
import { type Requirement, runBenchmark, UsageError } from './lib/report.js';
import { geometricMean } from './lib/statistics.js';
import { hasTorch } from './lib/trainers.js';
import {
  type Comparison,
  type ComparisonOptions,
  compareTraining,
  memoryRatio,
  named,
} from './lib/training-comparison.js';
import { formatComparisons } from './lib/training-table.js';

const THREADS = 2;
/** Timed steps, by default, of the networks that something is required of, and of the others. */
const ROUNDS = { required: 8, further: 4 };

/** Over PyTorch's speed: the geometric mean, and each network. */
const REQUIRED_MEAN = 1;
const GOAL_MEAN = 1.25;
const REQUIRED_EACH = 0.8;
const REQUIRED_OVER_TENSORFLOW = 10;
/** Over PyTorch's memory. */
const ALLOWED_MEMORY = 1.5;
const ALLOWED_LOSS_DIFFERENCE = 1e-3;

await runBenchmark(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, standard: { type: 'boolean', default: false } },
  });
  const { rounds, standard } = values;
  const given = rounds === undefined ? undefined : Number(rounds);
  if (given !== undefined && !(Number.isInteger(given) && given > 0)) {
    throw new UsageError(`--rounds: expected a positive whole number, found '${rounds}'`);
  }
  const chosen = positionals.map(benchNetwork);
  const among = (all: readonly BenchNetwork[]) =>
    chosen.length === 0 ? all : chosen.filter((network) => all.includes(network));
  const torch = hasTorch();
  if (!torch) console.log('PyTorch is not installed (see scripts/debian.sh), so it is left out.');
  const options = { threads: THREADS, standard, torch };

  const required = await compareAll(among(REQUIRED_NETWORKS), {
    ...options,
    rounds: given ?? ROUNDS.required,
  });
  const requirements = requirementsOf(required);
  if (required.length > 0) console.log();
  const further = await compareAll(among(FURTHER_NETWORKS), {
    ...options,
    rounds: given ?? ROUNDS.further,
  });
  summarise(further);
  return requirements;
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
  if (comparisons.length === 0) return [];
  const peak = peaks.reduce((best, one) => (one.flops > best.flops ? one : best));
  console.log(formatComparisons(comparisons, peak));
  console.log(`\nPeak: ${(peak.flops / 1e9).toFixed(0)} GFLOP/s by ${peak.of} on ${THREADS} threads.`);
  return comparisons;
}

/** Agewise and that rival, where it took part. */
function rivals(comparisons: readonly Comparison[], name: string) {
  return comparisons.flatMap(({ agewise, others }) => {
    const rival = named(others, name);
    return rival === undefined ? [] : [{ agewise, rival, speed: rival.seconds / agewise.seconds }];
  });
}

function lossDifferences(comparisons: readonly Comparison[]): number[] {
  return comparisons.flatMap(({ others }) => others.map((one) => one.lossDifference));
}

function requirementsOf(comparisons: readonly Comparison[]): Requirement[] {
  const requirements: Requirement[] = [];
  const torch = rivals(comparisons, 'PyTorch');
  if (torch.length > 0) {
    const speeds = torch.map(({ speed }) => speed);
    const mean = geometricMean(speeds);
    console.log(`Geometric mean: ${ratio(mean)} PyTorch's speed; the goal is ${ratio(GOAL_MEAN)}.`);
    requirements.push(
      atLeast("PyTorch's speed, geometric mean", mean, REQUIRED_MEAN),
      atLeast("PyTorch's speed, each network", Math.min(...speeds), REQUIRED_EACH),
    );
    const memory = torch.flatMap(({ agewise, rival }) => memoryRatio(agewise.peakBytes, rival) ?? []);
    if (memory.length > 0) {
      requirements.push(
        atMost("PyTorch's peak memory, each network", Math.max(...memory), ALLOWED_MEMORY, ratio),
      );
    }
  }
  for (const { speed } of rivals(comparisons, 'TensorFlow.js')) {
    requirements.push(atLeast("TensorFlow.js's speed", speed, REQUIRED_OVER_TENSORFLOW));
  }
  const differences = lossDifferences(comparisons);
  if (differences.length > 0) {
    const most = Math.max(...differences);
    const name = 'losses of the first steps, relative difference';
    requirements.push(atMost(name, most, ALLOWED_LOSS_DIFFERENCE, scientific));
  }
  return requirements;
}

function summarise(comparisons: readonly Comparison[]): void {
  const torch = rivals(comparisons, 'PyTorch');
  if (torch.length === 0) return;
  const mean = geometricMean(torch.map(({ speed }) => speed));
  const most = scientific(Math.max(...lossDifferences(comparisons)));
  console.log(`Geometric mean: ${ratio(mean)} PyTorch's speed. Losses differ by ${most} at most, relative.`);
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

function scientific(value: number): string {
  return value.toExponential(1);
}
