/** A limit on how much goes on at a time; what is over it waits, first come first served. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  /** @param most how many may work at a time */
  constructor(most: number) {
    this.free = most;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A turn goes straight to whoever waits, so that nobody comes in between.
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
