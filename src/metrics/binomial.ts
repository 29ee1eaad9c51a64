/** Confidence bounds of a binomial share. */

/** The exact interval that holds the true share with at least `confidence` (Clopper and Pearson, Biometrika 26, 1934). */
export function binomialInterval(
  found: number,
  of: number,
  confidence = 0.95,
): readonly [low: number, high: number] {
  const tail = (1 - confidence) / 2;
  return [1 - upperBound(of - found, of, tail), upperBound(found, of, tail)];
}

/** The upper bound of the true share with at least `confidence`: about 3 / n if none of n was found. */
export const binomialUpperBound = (found: number, of: number, confidence = 0.95): number =>
  upperBound(found, of, 1 - confidence);

/** Whether `binomialUpperBound` is at most `share`, without the search for it. */
export const isBoundedBy = (share: number, found: number, of: number, confidence = 0.95): boolean =>
  found / of < share && atMost(found, of, share, logChoices(found, of)) <= 1 - confidence;

/** The share at which `found` or fewer are as unlikely as `tail`. */
function upperBound(found: number, of: number, tail: number): number {
  if (found >= of) return 1;
  const choices = logChoices(found, of);
  let [low, high] = [found / of, 1];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (atMost(found, of, middle, choices) > tail) low = middle;
    else high = middle;
  }
}

/** The logarithm of the number of ways to choose `found` of `of`. */
function logChoices(found: number, of: number): number {
  let log = 0;
  for (let i = 1; i <= found; i++) log += Math.log((of - found + i) / i);
  return log;
}

/** P(X ≤ found) of a binomial variable, for shares of at least found / of, where its terms fall towards 0. */
function atMost(found: number, of: number, share: number, choices: number): number {
  const log = (found === 0 ? 0 : found * Math.log(share)) + (of - found) * Math.log1p(-share) + choices;
  let [sum, term] = [1, 1];
  for (let i = found; i > 0 && term > sum * Number.EPSILON; i--) {
    term *= (i / (of - i + 1)) * ((1 - share) / share);
    sum += term;
  }
  return sum * Math.exp(log);
}
