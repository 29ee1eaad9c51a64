/** The measurements of training steps as a table. */
import type { Peak } from './peak.js';
import { formatTable, percent } from './report.js';
import { mean } from './statistics.js';
import { type Comparison, memoryRatio, named } from './training-comparison.js';

const HEADER = ['step', 'ms', 'images/s', '× PyTorch', 'GFLOP/s', 'of peak', 'memory', '× PyTorch'];

/** A row for each side that trained a network; the ratio of speeds, then that of memory. */
export const formatComparisons = (comparisons: readonly Comparison[], peak: Peak): string =>
  formatTable(
    HEADER,
    comparisons.flatMap((one) => rowsOf(one, peak)),
  );

/** A row for each network: its speed beside PyTorch's in each run, their mean and range. */
export function formatRuns(runs: readonly (readonly Comparison[])[]): string {
  const rows = runs[0]!.flatMap(({ network }, i) => {
    const speeds = runs.flatMap((run) => {
      const torch = named(run[i]!.others, 'PyTorch');
      return torch === undefined ? [] : [torch.seconds / run[i]!.agewise.seconds];
    });
    if (speeds.length === 0) return [];
    const range = `${Math.min(...speeds).toFixed(2)}-${Math.max(...speeds).toFixed(2)}`;
    return [[network.name, ...speeds.map((speed) => speed.toFixed(2)), mean(speeds).toFixed(2), range]];
  });
  const header = ['× PyTorch', ...runs.map((_, run) => `run ${run + 1}`), 'mean', 'range'];
  return formatTable(header, rows);
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

function formatOptional(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(2);
}

function gigaflops(flops: number): string {
  return (flops / 1e9).toFixed(0);
}
