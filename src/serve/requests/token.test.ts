import { describe, expect, it } from 'vitest';
import { random as seeded } from '../../../test/support/execute.js';
import { comparison, tokenCheck } from './token.js';

/** Long, so that a comparison which stops at the first difference shows it. */
const TOKEN = 'correct-horse-battery-staple/'.repeat(8);
const WRONG_AT_ONCE = `x${TOKEN.slice(1)}`;
const WRONG_AT_THE_END = `${TOKEN.slice(0, -1)}x`;

const MEASUREMENTS = 4_000;
/** Comparisons in one measurement: one alone is shorter than the clock can tell. */
const COMPARISONS = 20;
/** Beyond this the two kinds take different times: the bound of "dude, is my code constant time?" (Reparaz et al., 2017). */
const MOST_T = 4.5;

/**
 * Welch's t of the times of two inputs in random order, as dudect has it: what took longer than most was disturbed by the
 * machine, and is left out of both.
 */
function timingStatistic(compare: (given: string) => boolean, a: string, b: string, seed: number): number {
  const random = seeded(seed);
  const times: [number[], number[]] = [[], []];
  const measure = (given: string) => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < COMPARISONS; i++) compare(given);
    return Number(process.hrtime.bigint() - start);
  };
  for (let i = 0; i < 200; i++) measure(i % 2 === 0 ? a : b);
  for (let i = 0; i < MEASUREMENTS; i++) {
    const kind = random() < 0.5 ? 0 : 1;
    times[kind].push(measure(kind === 0 ? a : b));
  }
  const all = [...times[0], ...times[1]].sort((x, y) => x - y);
  const most = all[Math.floor(all.length * 0.7)]!;
  const [first, second] = times.map((kind) => moments(kind.filter((time) => time <= most)));
  return (first!.mean - second!.mean) / Math.sqrt(first!.error ** 2 + second!.error ** 2);
}

function moments(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

/** Whether the times differ in each of three attempts: one may be disturbed by the machine, and a leak shows in all. */
const differ = (compare: (given: string) => boolean, a: string, b: string) =>
  [1, 2, 3].every((seed) => Math.abs(timingStatistic(compare, a, b, seed)) > MOST_T);

describe('the comparison of a token', () => {
  it('accepts only the token', () => {
    const isToken = comparison(TOKEN);
    expect([TOKEN, WRONG_AT_ONCE, WRONG_AT_THE_END, '', `${TOKEN}x`].map(isToken)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(() => tokenCheck(TOKEN)(`Bearer ${TOKEN}`)).not.toThrow();
    expect(() => tokenCheck(TOKEN)(`Bearer ${WRONG_AT_THE_END}`)).toThrow(
      'expected a bearer token, found another',
    );
  });

  it.each([
    ['right and wrong at once', TOKEN, WRONG_AT_ONCE],
    ['right and wrong at the end', TOKEN, WRONG_AT_THE_END],
    ['wrong at once and wrong at the end', WRONG_AT_ONCE, WRONG_AT_THE_END],
  ])('takes the same time for texts that are %s', (_, a, b) => {
    expect(differ(comparison(TOKEN), a, b)).toBe(false);
  });

  it('would fail this test if it stopped at the first difference', () => {
    const leaking = (given: string) => {
      for (let i = 0; i < TOKEN.length; i++) if (given.charCodeAt(i) !== TOKEN.charCodeAt(i)) return false;
      return true;
    };
    expect(differ(leaking, WRONG_AT_ONCE, WRONG_AT_THE_END)).toBe(true);
  });
});
