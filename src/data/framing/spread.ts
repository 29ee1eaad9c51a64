import type { Spread } from '../store/index.js';

/** The median and deciles of values, which are sorted by it. */
export function spread(values: number[]): Spread {
  values.sort((a, b) => a - b);
  const at = (share: number) => Number(values[Math.round(share * (values.length - 1))]!.toFixed(4));
  return { low: at(0.1), median: at(0.5), high: at(0.9) };
}
