/** Residual distributions: the distribution of true ages for each estimate of a network, from faces of known age. */

/** A face: the network's estimate, and the first and the last year that its label allows. */
export interface EstimatedFace {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The share of faces, nearest by estimate, that form a distribution, and their minimum number. */
const NEIGHBOURS = 0.1;
const LEAST_NEIGHBOURS = 100;
/** In years: faces whose estimates are at least this near always count. */
const LEAST_REACH = 2;
/** The factor of the rule of thumb for the width of a kernel (Silverman, Density Estimation, 1986, equation 3.31). */
const SILVERMAN = 0.9;
/** In years: an age is known to the year. */
const LEAST_WIDTH = 0.5;

/**
 * For each possible estimate, in years, the probability of each true age: residuals of faces with similar estimates,
 * weighted by a Gaussian of the difference and smoothed. Probability beyond the first or the last year is distributed
 * over the others.
 * @param years consecutive years
 * @returns `[K, K]`, a distribution in each row
 * @throws RangeError if there is not a face.
 */
export function residualDistributions(
  faces: readonly EstimatedFace[],
  years: ArrayLike<number>,
): Float32Array {
  if (faces.length === 0) throw new RangeError('Residuals: expected at least one face, found none');
  const count = years.length;
  const [first, last] = [years[0]!, years[count - 1]!];
  const rows = new Float32Array(count * count);
  const neighbours = Math.min(faces.length, Math.max(LEAST_NEIGHBOURS, NEIGHBOURS * faces.length));
  for (let k = 0; k < count; k++) {
    const year = years[k]!;
    const distances = faces.map(({ estimate }) => Math.abs(estimate - year));
    const reach = Math.max(LEAST_REACH, distances.toSorted((a, b) => a - b)[Math.ceil(neighbours) - 1]!);
    const ages = new Float64Array(count);
    let [sum, squares, mean, spread] = [0, 0, 0, 0];
    faces.forEach(({ estimate, low, high }, i) => {
      const weight = Math.exp(-((distances[i]! / reach) ** 2) / 2);
      sum += weight;
      squares += weight ** 2;
      const residual = (low + high) / 2 - estimate;
      mean += weight * residual;
      spread += weight * (residual ** 2 + ((high - low + 1) ** 2 - 1) / 12);
      const share = weight / (high - low + 1);
      for (let age = low; age <= high; age++) {
        const at = Math.min(last, Math.max(first, year + age - estimate)) - first;
        const below = Math.min(count - 1, Math.floor(at));
        ages[below]! += share * (1 - (at - below));
        if (below + 1 < count) ages[below + 1]! += share * (at - below);
      }
    });
    const deviation = Math.sqrt(Math.max(0, spread / sum - (mean / sum) ** 2));
    const width = Math.max(LEAST_WIDTH, SILVERMAN * deviation * (sum ** 2 / squares) ** -0.2);
    rows.set(smoothed(ages, width), k * count);
  }
  return rows;
}

/** The values smoothed by a Gaussian and normalized to sum 1. */
function smoothed(values: Float64Array, width: number): Float64Array {
  const found = new Float64Array(values.length);
  let total = 0;
  values.forEach((value, at) => {
    if (value === 0) return;
    const kernel = values.map((_, k) => Math.exp(-(((k - at) / width) ** 2) / 2));
    const sum = kernel.reduce((a, b) => a + b, 0);
    for (let k = 0; k < found.length; k++) found[k]! += (value * kernel[k]!) / sum;
    total += value;
  });
  return found.map((value) => value / total);
}
