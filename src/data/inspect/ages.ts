/** What a histogram of ages says about how they were found out: people prefer round numbers when they guess. */
import type { AgeIrregularities, IrregularYear } from './types.js';

/** Years on each side that a year is compared with. */
const NEIGHBOURS = 3;
/** A year is irregular if its count differs from the expected one by this factor, ... */
const FACTOR = 1.5;
/**
 * ... and by this many standard deviations of the difference of two counts (Poisson), since small counts vary by
 * chance.
 */
const DEVIATIONS = 4;

/** The ages over which the index of Whipple is taken, and the ages in 0 and 5 among them. */
const WHIPPLE = { from: 23, to: 62, step: 5 } as const;
/** The minimum number of rows for it. */
const WHIPPLE_LEAST = 200;

/** @param counts rows by year from 0 */
export function ageIrregularities(counts: readonly number[]): AgeIrregularities {
  const heaps: IrregularYear[] = [];
  const gaps: IrregularYear[] = [];
  const youngest = counts.findIndex((count) => count > 0);
  const oldest = counts.findLastIndex((count) => count > 0);
  for (let year = youngest; year >= 0 && year <= oldest; year++) {
    const count = counts[year]!;
    const expected = expectedCount(counts, year, youngest, oldest);
    const remarkable = Math.abs(count - expected) > DEVIATIONS * Math.sqrt(count + expected);
    if (!remarkable) continue;
    if (count > FACTOR * expected) heaps.push({ year, count, expected });
    else if (count < expected / FACTOR) gaps.push({ year, count, expected });
  }
  return { heaps, gaps, missing: missingYears(counts, youngest, oldest), whipple: whippleIndex(counts) };
}

/** The median of the surrounding years, which a single peak among them does not move. */
function expectedCount(counts: readonly number[], year: number, youngest: number, oldest: number): number {
  const around: number[] = [];
  for (let other = year - NEIGHBOURS; other <= year + NEIGHBOURS; other++) {
    if (other !== year && other >= youngest && other <= oldest) around.push(counts[other]!);
  }
  // Where everybody has the same age there is nothing to compare with.
  if (around.length === 0) return counts[year]!;
  around.sort((a, b) => a - b);
  const middle = around.length >> 1;
  return around.length % 2 === 1 ? around[middle]! : (around[middle - 1]! + around[middle]!) / 2;
}

function missingYears(counts: readonly number[], youngest: number, oldest: number): [number, number][] {
  const runs: [number, number][] = [];
  for (let year = youngest; year >= 0 && year <= oldest; year++) {
    if (counts[year]! > 0) continue;
    const last = runs.at(-1);
    if (last?.[1] === year - 1) last[1] = year;
    else runs.push([year, year]);
  }
  return runs;
}

/**
 * The index of Whipple: the share of ages that end in 0 or 5 among those of 23 to 62, in percent of the fifth that
 * they are of all ages (Shryock and Siegel, The Methods and Materials of Demography, 1976, chapter 8). From 175 on
 * the United Nations call data very rough.
 */
function whippleIndex(counts: readonly number[]): number | null {
  let [round, all] = [0, 0];
  for (let age = WHIPPLE.from; age <= WHIPPLE.to; age++) {
    const count = counts[age] ?? 0;
    all += count;
    if (age % WHIPPLE.step === 0) round += count;
  }
  return all < WHIPPLE_LEAST ? null : (100 * WHIPPLE.step * round) / all;
}
