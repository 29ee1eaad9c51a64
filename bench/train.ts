/**
 * How fast whole training steps run, beside PyTorch and TensorFlow.js: `npm run bench:train -- [NETWORK]... [--rounds N]
 * [--standard]`. A step is forward, backward and SGD with momentum. Each side trains in a process of its own, from the
 * same weights and on the same batch; they take turns step by step, and all but one stand still. `--standard` adds
 * Agewise without its blocked kernels.
 */
import { parseArgs } from 'node:util';
import { benchNetwork, NETWORKS } from './lib/networks.js';
import { measurePeak, type Peak } from './lib/peak.js';
import { formatTable, percent, type Requirement, runBenchmark, UsageError } from './lib/report.js';
import { geometricMean } from './lib/statistics.js';
import { hasTorch } from './lib/trainers.js';
import { type Comparison, compareTraining, type Measured } from './lib/training-comparison.js';

const THREADS = 2;
const DEFAULT_ROUNDS = 8;

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
    options: {
      rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
      standard: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0)) {
    throw new UsageError(`--rounds: expected a positive whole number, found '${values.rounds}'`);
  }
  const networks = positionals.length === 0 ? NETWORKS : positionals.map(benchNetwork);
  const torch = hasTorch();
  if (!torch) console.log('PyTorch is not installed (scripts/debian.sh does it), so it is left out.');

  const comparisons: Comparison[] = [];
  const peaks: Peak[] = [];
  for (const network of networks) {
    peaks.push(await measurePeak(THREADS));
    comparisons.push(
      await compareTraining(network, { rounds, threads: THREADS, standard: values.standard, torch }),
    );
  }
  const peak = peaks.reduce((best, one) => (one.flops > best.flops ? one : best));
  print(comparisons, peak);
  return requirementsOf(comparisons);
});

function print(comparisons: readonly Comparison[], peak: Peak): void {
  const header = ['step', 'ms', 'images/s', '× PyTorch', 'GFLOP/s', 'of peak', 'memory', '× PyTorch'];
  console.log(
    formatTable(
      header,
      comparisons.flatMap((one) => rowsOf(one, peak)),
    ),
  );
  console.log(`\nPeak: ${gigaflops(peak.flops)} GFLOP/s by ${peak.of} on ${THREADS} threads.`);
}

function rowsOf({ network, flops, agewise, others }: Comparison, peak: Peak): string[][] {
  const torch = named(others, 'PyTorch');
  return [agewise, ...others].map(({ description, seconds, peakBytes }) => [
    `${network.name}, ${network.size} px, batch ${network.batch}: ${description}`,
    (1e3 * seconds).toFixed(0),
    (network.batch / seconds).toFixed(1),
    torch === undefined ? '' : (torch.seconds / seconds).toFixed(2),
    gigaflops(flops / seconds),
    percent(flops / seconds / peak.flops),
    peakBytes === undefined ? '' : `${(peakBytes / 1e6).toFixed(0)} MB`,
    formatOptional(memoryRatio(peakBytes, torch)),
  ]);
}

function requirementsOf(comparisons: readonly Comparison[]): Requirement[] {
  const requirements: Requirement[] = [];
  const rivals = (name: string) =>
    comparisons.flatMap(({ agewise, others }) => {
      const rival = named(others, name);
      return rival === undefined ? [] : [{ agewise, rival }];
    });
  const torch = rivals('PyTorch');
  if (torch.length > 0) {
    const speeds = torch.map(({ agewise, rival }) => rival.seconds / agewise.seconds);
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
  for (const { agewise, rival } of rivals('TensorFlow.js')) {
    const speed = rival.seconds / agewise.seconds;
    requirements.push(atLeast("TensorFlow.js's speed", speed, REQUIRED_OVER_TENSORFLOW));
  }
  const differences = comparisons.flatMap(({ others }) => others.map((one) => one.lossDifference));
  if (differences.length > 0) {
    const most = Math.max(...differences);
    const name = 'losses of the first steps, relative difference';
    requirements.push(atMost(name, most, ALLOWED_LOSS_DIFFERENCE, (value) => value.toExponential(1)));
  }
  return requirements;
}

function named(measured: readonly Measured[], name: string): Measured | undefined {
  return measured.find((one) => one.name === name);
}

function memoryRatio(bytes: number | undefined, reference: Measured | undefined): number | undefined {
  return bytes === undefined || reference?.peakBytes === undefined ? undefined : bytes / reference.peakBytes;
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

function formatOptional(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(2);
}

function gigaflops(flops: number): string {
  return (flops / 1e9).toFixed(0);
}
