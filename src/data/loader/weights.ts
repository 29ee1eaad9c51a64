/** How often each row is drawn, so that a network sees the young and the old as well as those of 26 to 35. */
import { type AgeLabel, BAND_STARTS, bandOf, OLDEST, YOUNGEST } from '../../age/index.js';

/**
 * Weights with which all age bands that have rows are drawn equally often. A row without an age gets the average
 * weight.
 * @param starts the ages at which bands begin
 * @returns for each row a weight, 1 on average
 */
export function bandWeights(
  ages: readonly (AgeLabel | undefined)[],
  starts: readonly number[] = BAND_STARTS,
): Float64Array {
  const counts = new Float64Array(starts.length);
  const bands = ages.map((age) => (age === undefined ? undefined : bandOf(age, starts)));
  for (const band of bands) if (band !== undefined) counts[band]!++;
  return averageOne(bands.map((band) => (band === undefined ? undefined : 1 / counts[band]!)));
}

export interface SmoothingOptions {
  /** The smoothing kernel's reach on either side, and its standard deviation, in years. */
  readonly reach?: number;
  readonly sigma?: number;
  /** 1 for the inverse density, 0.5 for the inverse of its square root, which is milder. */
  readonly power?: number;
}

/**
 * Label distribution smoothing (Yang et al., Delving into Deep Imbalanced Regression, ICML 2021, section 3.1): rows are
 * weighted by the inverse of their age's density, after the density over single years was smoothed by a symmetric
 * kernel, since neighbouring ages look alike. With the paper's Gaussian of 5 years and σ = 2, and the inverse square
 * root, as it uses for ages. An interval has the mean density of its years; a row without an age gets the average
 * weight.
 * @returns for each row a weight, 1 on average
 */
export function smoothedWeights(
  ages: readonly (AgeLabel | undefined)[],
  { reach = 2, sigma = 2, power = 0.5 }: SmoothingOptions = {},
): Float64Array {
  const years = OLDEST - YOUNGEST + 1;
  const spans = ages.map((age) => (age === undefined ? undefined : yearsOf(age)));
  const counts = new Float64Array(years);
  for (const span of spans) {
    if (span === undefined) continue;
    for (let year = span[0]; year <= span[1]; year++) counts[year]! += 1 / (span[1] - span[0] + 1);
  }
  const density = counts.map((count) => count ** power);
  const smooth = density.map((_, year) => {
    let [sum, weights] = [0, 0];
    for (let d = -reach; d <= reach; d++) {
      const weight = Math.exp(-((d / sigma) ** 2) / 2);
      weights += weight;
      // Densities outside the domain count as zero, as in the paper's code.
      sum += weight * (density[year + d] ?? 0);
    }
    return sum / weights;
  });
  return averageOne(
    spans.map((span) => {
      if (span === undefined) return undefined;
      let sum = 0;
      for (let year = span[0]; year <= span[1]; year++) sum += smooth[year]!;
      return (span[1] - span[0] + 1) / sum;
    }),
  );
}

/** The first and last year of a label, as indices. */
function yearsOf(label: AgeLabel): [number, number] {
  const index = (age: number) => Math.min(OLDEST, Math.max(YOUNGEST, Math.round(age))) - YOUNGEST;
  return 'from' in label ? [index(label.from), index(label.to)] : [index(label.age), index(label.age)];
}

/** Scaled to an average of 1, which is also used for missing weights. */
function averageOne(weights: readonly (number | undefined)[]): Float64Array {
  let [sum, count] = [0, 0];
  for (const weight of weights) {
    if (weight === undefined) continue;
    sum += weight;
    count++;
  }
  return Float64Array.from(weights, (weight) => (weight === undefined ? 1 : (weight * count) / sum));
}
