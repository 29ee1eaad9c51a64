/** A limit on concurrent work; further work waits, first come first served. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  /** @param most the maximum number at a time */
  constructor(most: number) {
    this.free = most;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The turn passes directly to the next waiter, so that no newcomer can take it.
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
