/** What is counted while rows pass by: counts by name, and where values lie. */
import { quartiles } from '../../report/index.js';
import type { NamedCount, Spread } from './types.js';

export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  get size(): number {
    return this.counts.size;
  }

  values(): number[] {
    return [...this.counts.values()];
  }

  /** The most frequent first, at most `most` of them. */
  named(most = Number.POSITIVE_INFINITY): NamedCount[] {
    return Array.from(this.counts, ([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, most);
  }
}

/** Null of no values. */
export function spread(values: ArrayLike<number>): Spread | null {
  if (values.length === 0) return null;
  const { q1, median, q3 } = quartiles(values);
  let [smallest, largest] = [values[0]!, values[0]!];
  for (let i = 1; i < values.length; i++) {
    smallest = Math.min(smallest, values[i]!);
    largest = Math.max(largest, values[i]!);
  }
  return { smallest, q1, median, q3, largest };
}
