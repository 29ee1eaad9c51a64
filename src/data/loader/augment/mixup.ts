/** mixup: Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018. */
import { INTERVAL_SUM } from '../../../age/index.js';
import type { Random } from '../../../random/index.js';

/** The blending of a batch: sample i becomes λ_i of itself plus 1 − λ_i of its partner. */
export interface Mix {
  /** For each sample the position in the batch of its partner; itself if it has none. */
  readonly partner: Uint32Array;
  /** In 0..1. */
  readonly lambda: Float32Array;
}

/**
 * Random pairs, each with one λ from the beta distribution. Partners are mutual, so that every sample has the same
 * weight in the batch. In a batch of odd size one sample stays unchanged.
 */
export function drawMix(count: number, alpha: number, random: Random): Mix {
  const order = random.shuffle(Uint32Array.from({ length: count }, (_, i) => i));
  const partner = Uint32Array.from({ length: count }, (_, i) => i);
  const lambda = new Float32Array(count).fill(1);
  for (let i = 0; i + 1 < count; i += 2) {
    const [a, b] = [order[i]!, order[i + 1]!];
    partner[a] = b;
    partner[b] = a;
    lambda[a] = lambda[b] = random.beta(alpha);
  }
  return { partner, lambda };
}

/** Blends the rows of `values`, `[N, size]`, in place. */
export function mixRows(values: Float32Array, size: number, { partner, lambda }: Mix): void {
  for (let a = 0; a < partner.length; a++) {
    const b = partner[a]!;
    // Both of a pair are blended at once, at the first one.
    if (b <= a) continue;
    const share = lambda[a]!;
    const [startA, startB] = [a * size, b * size];
    for (let i = 0; i < size; i++) {
      const [x, y] = [values[startA + i]!, values[startB + i]!];
      values[startA + i] = share * x + (1 - share) * y;
      values[startB + i] = share * y + (1 - share) * x;
    }
  }
}

/**
 * Blends the targets of a batch, `[N, classes]` as `ageTarget` makes them, in place. The weights of an interval, which
 * sum to more than 1, are first spread evenly over it: a blend with a distribution is a distribution. If one of a pair
 * has no label (zero weights), neither has one afterwards, since half a label would make ages seem unlikely.
 */
export function mixTargets(targets: Float32Array, classes: number, mix: Mix): void {
  const sums = Float64Array.from(mix.partner, (_, i) =>
    targets.subarray(i * classes, (i + 1) * classes).reduce((sum, weight) => sum + weight, 0),
  );
  mix.partner.forEach((partner, i) => {
    if (partner === i) return;
    const row = targets.subarray(i * classes, (i + 1) * classes);
    if (sums[i] === 0 || sums[partner] === 0) row.fill(0);
    else if (sums[i]! > INTERVAL_SUM) for (let k = 0; k < classes; k++) row[k]! /= sums[i]!;
  });
  mixRows(targets, classes, mix);
}
