/** Random choices that depend only on a seed and on their purpose. */

/**
 * An independent stream of random numbers for each list of keys: an epoch's order, one row's augmentation in one epoch.
 * Lists that differ anywhere give unrelated streams.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand; public domain), its state filled by hashing the keys with
 * the finalizer of MurmurHash3 (Austin Appleby; public domain).
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param keys integers from 0 to 2^53 − 1 */
  constructor(...keys: readonly number[]) {
    this.a = hash(0x9e3779b9, keys);
    this.b = hash(0x243f6a88, keys);
    this.c = hash(0xb7e15162, keys);
    // As its author advises, so that every bit of the state depends on every bit of the seed.
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 random bits, as an integer from 0. */
  bits(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** An integer from 0 below `count`, each as likely to within count / 2^32. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** From the standard normal distribution (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** From the beta distribution with both parameters `alpha` > 0, in 0..1. */
  beta(alpha: number): number {
    const [x, y] = [this.logGamma(alpha), this.logGamma(alpha)];
    // x / (x + y) by logarithms: for a small alpha both often underflow.
    return 1 / (1 + Math.exp(y - x));
  }

  /** Shuffles `items` in place (Fisher and Yates; Durstenfeld 1964). */
  shuffle<T extends { [index: number]: number; readonly length: number } | unknown[]>(items: T): T {
    const array = items as unknown[];
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
    return items;
  }

  /**
   * The logarithm of a variate of the gamma distribution of shape `alpha`, scale 1 (Marsaglia and Tsang, ACM TOMS
   * 26(3), 2000): by rejection for a shape of at least 1; for a smaller one, that of alpha + 1 times U^(1/alpha).
   */
  private logGamma(alpha: number): number {
    if (alpha < 1) return this.logGamma(alpha + 1) + Math.log(1 - this.uniform()) / alpha;
    const d = alpha - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) {
        return Math.log(d * v);
      }
    }
  }
}

function hash(start: number, keys: readonly number[]): number {
  let h = start;
  for (const key of keys) {
    h = mix(h ^ (key >>> 0));
    h = mix((h + Math.floor(key / 2 ** 32) + 0x6d2b79f5) | 0);
  }
  return h;
}

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
