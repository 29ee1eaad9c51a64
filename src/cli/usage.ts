/** What is said where a command was called wrongly, and the exit codes. */

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** Some inputs failed; the others are done. */
  inputsFailed: 1,
  /** The command line is wrong, or a model cannot be loaded: nothing was begun. */
  usage: 2,
  /** Ended by Ctrl-C: 128 and the number of the signal, as shells have it. */
  interrupted: 130,
} as const;

/** A wrong command line, in one sentence. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * The name that `given` was most likely meant to be: one that it begins, else the one at the least edit
 * distance. Undefined only where there are no names.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const begun = names.filter((name) => given.length > 3 && name.startsWith(given));
  const candidates = begun.length > 0 ? begun : names;
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of candidates) {
    const distance = editDistance(given, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b` (the optimal string
 * alignment distance).
 */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(row[j - 1]! + 1, rows[i - 1]![j]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
