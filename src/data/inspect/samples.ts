/** A random sample of each age group that depends only on a seed, not on the order of rows. */

import { Random } from '../../random/index.js';

/** Separates these random streams from others with the same seed. */
const PURPOSE = 0x5a3b1e;

/**
 * @param band of each row; one beyond the `count` bands is in no sample
 * @returns for each band at most `size` row numbers, ascending, all rows being equally likely
 */
export function sampleBands(band: Uint8Array, size: number, seed: number, count: number): number[][] {
  const samples = Array.from({ length: count }, (): { row: number; priority: number }[] => []);
  band.forEach((index, row) => {
    const sample = samples[index];
    if (sample === undefined) return;
    // The rows with the smallest priorities are the sample.
    const priority = new Random(seed, PURPOSE, row).bits();
    if (sample.length === size && priority >= sample.at(-1)!.priority) return;
    const at = sample.findLastIndex((kept) => kept.priority <= priority) + 1;
    sample.splice(at, 0, { row, priority });
    if (sample.length > size) sample.pop();
  });
  return samples.map((sample) => sample.map(({ row }) => row).sort((a, b) => a - b));
}
