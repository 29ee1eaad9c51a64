/** The slope of a series with its 95% interval. */

export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution; the series have a hundred values and more. */
const Z95 = 1.96;

/**
 * Least squares. Neighbouring values of a process's memory are alike, so the error is widened by their correlation:
 * n(1 − ρ)/(1 + ρ) values count, where ρ is the lag-1 autocorrelation of the residuals (Bayley and Hammersley, 1946).
 * @throws RangeError for fewer than 8 values
 */
export function slopeWithInterval(x: readonly number[], y: readonly number[]): Slope {
  const n = x.length;
  if (n < 8 || y.length !== n)
    throw new RangeError(`a slope needs 8 pairs of values, found ${n} and ${y.length}`);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  const spread = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0) / spread;
  const residuals = y.map((value, i) => value - my - slope * (x[i]! - mx));
  const squares = residuals.reduce((sum, value) => sum + value ** 2, 0);
  const products = residuals.slice(1).reduce((sum, value, i) => sum + value * residuals[i]!, 0);
  const correlation = squares === 0 ? 0 : Math.min(0.99, Math.max(0, products / squares));
  const effective = Math.max(3, (n * (1 - correlation)) / (1 + correlation));
  const error = Math.sqrt(((squares / n) * (n / (effective - 2))) / spread);
  return { slope, low: slope - Z95 * error, high: slope + Z95 * error };
}
