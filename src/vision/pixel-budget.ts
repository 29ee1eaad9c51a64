/** A limit on the number of decoded pixels in memory; further pictures wait, first come first served. */
export class PixelBudget {
  private readonly waiting: { readonly pixels: number; readonly admit: () => void }[] = [];
  private held = 0;

  /** @param most pixels of all pictures together; a larger picture is admitted alone */
  constructor(private readonly most: number) {}

  /** Waits until there is room. @returns a function that releases it */
  async take(pixels: number): Promise<() => void> {
    if (this.waiting.length > 0 || !this.fits(pixels)) {
      await new Promise<void>((admit) => this.waiting.push({ pixels, admit }));
    } else this.held += pixels;
    return () => {
      this.held -= pixels;
      for (let next = this.waiting[0]; next !== undefined && this.fits(next.pixels); next = this.waiting[0]) {
        this.waiting.shift();
        this.held += next.pixels;
        next.admit();
      }
    };
  }

  private fits(pixels: number): boolean {
    return this.held === 0 || this.held + pixels <= this.most;
  }
}
