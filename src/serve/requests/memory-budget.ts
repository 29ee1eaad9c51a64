/** A limit on the bytes of all request bodies in memory. */
export class MemoryBudget {
  private reserved = 0;

  constructor(private readonly limit: number) {}

  get used(): number {
    return this.reserved;
  }

  /** @returns whether the bytes fit; if not, nothing is reserved */
  reserve(bytes: number): boolean {
    if (this.reserved + bytes > this.limit) return false;
    this.reserved += bytes;
    return true;
  }

  release(bytes: number): void {
    this.reserved -= bytes;
  }
}
