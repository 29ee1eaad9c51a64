/** Counts of values over a range that grows with them: one pass, whatever comes. */

/** Bins on either side of 0. Values fill at least half of them on one side. */
const BINS = 4096;

/** Of more values than this at once only so many are counted, evenly spread: they tell as much. */
const MOST_COUNTED = 2 ** 16;

export interface Bins {
  /** From low to high; 0 where the values are exactly that. */
  readonly middle: Float64Array;
  /** How many values each has; none has 0. */
  readonly count: Float64Array;
}

export class Histogram {
  /** The width of a bin: a power of two, so that bins of half the width go into it exactly. 0 as long as all is 0. */
  private width = 0;
  /** Bin i counts values other than 0 from (i − BINS) · width on. */
  private counts = new Float64Array(2 * BINS);
  private zeros = 0;
  /** The least and the greatest value, not only of those that were counted. */
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;

  /** @param values finite numbers */
  add(values: Float32Array): void {
    let { low, high } = this;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    [this.low, this.high] = [low, high];
    const largest = Math.max(-low, high);
    if (largest > 0) this.reach(largest);
    // Odd, so that no row of a picture is left out for good.
    const stride = Math.ceil(values.length / MOST_COUNTED) | 1;
    const { counts, width } = this;
    for (let i = 0; i < values.length; i += stride) {
      const value = values[i]!;
      if (value === 0) this.zeros++;
      else counts[Math.min(2 * BINS - 1, Math.floor(value / width) + BINS)]!++;
    }
  }

  bins(): Bins {
    const filled: [middle: number, count: number][] = [];
    this.counts.forEach((count, i) => {
      if (i === BINS && this.zeros > 0) filled.push([0, this.zeros]);
      if (count > 0) filled.push([(i - BINS + 0.5) * this.width, count]);
    });
    return {
      middle: Float64Array.from(filled, ([middle]) => middle),
      count: Float64Array.from(filled, ([, count]) => count),
    };
  }

  /** Widens bins until the range holds `size`. */
  private reach(size: number): void {
    const width = 2 ** Math.ceil(Math.log2(size / BINS));
    if (this.width === 0) this.width = width;
    while (this.width < width) {
      const wider = new Float64Array(2 * BINS);
      this.counts.forEach((count, i) => {
        wider[BINS + Math.floor((i - BINS) / 2)]! += count;
      });
      this.counts = wider;
      this.width *= 2;
    }
  }
}
