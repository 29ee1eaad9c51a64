/** Scales: map values to positions on the drawing, and choose round numbers for an axis. */

/** Maps `domain` linearly onto `range`, which may be reversed, as for a drawing's y. */
export function linear(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): (value: number) => number {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

/**
 * About `count` round numbers within `from..to`, at steps of 1, 2 or 5 times a power of ten; including the ends if they
 * are round.
 */
export function ticks(from: number, to: number, count = 6): number[] {
  if (!(to > from)) return [from];
  const step = roundStep((to - from) / count);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // Multiples of the step, since sums would accumulate rounding errors.
  return Array.from({ length: last - first + 1 }, (_, i) => clean((first + i) * step));
}

/** Whether two values differ by more than rounding, which an axis cannot show. */
export const areApart = (low: number, high: number): boolean =>
  high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high));

/** The extent of the values, widened to the next ticks, so that an axis ends at round numbers. */
export function roundDomain(values: Iterable<number>, includeZero = false): [number, number] {
  let [low, high] = includeZero ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  if (!areApart(low, high))
    return low === 0 ? [0, 1] : [clean(low - Math.abs(low) / 2), clean(high + Math.abs(high) / 2)];
  const step = roundStep((high - low) / 5);
  return [clean(Math.floor(low / step + 1e-9) * step), clean(Math.ceil(high / step - 1e-9) * step)];
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `step`. */
export function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((f) => f * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

const clean = (value: number) => Number(value.toPrecision(12));
