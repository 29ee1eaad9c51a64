/** A histogram whose range grows with the values, in one pass. */

/** Bins on either side of 0. Values fill at least half of them on one side. */
const BINS = 4096;

/** At most this many values per call are counted, evenly spaced, which is precise enough. */
const MOST_COUNTED = 2 ** 16;

export interface Bins {
  /** Ascending; 0 for values that are exactly 0. */
  readonly middle: Float64Array;
  /** The number of values in each; nonzero. */
  readonly count: Float64Array;
}

export class Histogram {
  /**
   * The width of a bin: a power of two, so that bins of half the width merge exactly. 0 as long as all values are 0.
   */
  private width = 0;
  /** Bin i counts values other than 0 from (i − BINS) · width on. */
  private counts = new Float64Array(2 * BINS);
  private zeros = 0;
  /** The smallest and the largest value, including those not counted. */
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
    // Odd, so that no row of a picture is always skipped.
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
