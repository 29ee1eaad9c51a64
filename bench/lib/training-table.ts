/** The measurements of training steps as a table. */
import type { Peak } from './peak.js';
import { formatTable, percent } from './report.js';
import { type Comparison, memoryRatio, named } from './training-comparison.js';

const HEADER = ['step', 'ms', 'images/s', '× PyTorch', 'GFLOP/s', 'of peak', 'memory', '× PyTorch'];

/** A row for each side that trained a network; the ratio of speeds, then that of memory. */
export const formatComparisons = (comparisons: readonly Comparison[], peak: Peak): string =>
  formatTable(
    HEADER,
    comparisons.flatMap((one) => rowsOf(one, peak)),
  );

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
