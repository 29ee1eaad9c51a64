import type { Figures } from './types.js';

/** Running means of figures, each over the faces that have it. Plain data, so that a checkpoint can hold it. */
export class Meter {
  private constructor(private readonly sums: Record<string, [sum: number, count: number]>) {}

  static empty(): Meter {
    return new Meter({});
  }

  static from(data: Readonly<Record<string, readonly [sum: number, count: number]>>): Meter {
    return new Meter(Object.fromEntries(Object.entries(data).map(([name, [a, b]]) => [name, [a, b]])));
  }

  add(figures: Figures, faces: number): void {
    for (const [name, value] of Object.entries(figures)) {
      const [sum, count] = this.sums[name] ?? [0, 0];
      this.sums[name] = [sum + value * faces, count + faces];
    }
  }

  means(): Figures {
    return Object.fromEntries(Object.entries(this.sums).map(([name, [sum, count]]) => [name, sum / count]));
  }

  toJSON(): Readonly<Record<string, readonly [sum: number, count: number]>> {
    return this.sums;
  }
}
