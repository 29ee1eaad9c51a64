/** A limit on the pixels that are held decoded at a time; what is over it waits, first come first served. */
export class PixelBudget {
  private readonly waiting: { readonly pixels: number; readonly admit: () => void }[] = [];
  private held = 0;

  /** @param most pixels of all pictures together; a picture of more is held alone */
  constructor(private readonly most: number) {}

  /** Waits until there is room. @returns what gives the room back */
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
