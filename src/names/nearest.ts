/** Finds the known name nearest to an unknown one. */
import { distance } from 'fastest-levenshtein';

/** A name without case and word separators: `batch_size`, `batch-size` and `batchSize` are equal. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Shorter names are contained in too many others by chance. */
export const SHORTEST_PART = 4;
/** The largest share of a name that may be wrong. */
const FARTHEST = 0.4;

/**
 * The most likely intended name: one that contains the given name, as `lenet-5` contains `lenet`, or is contained in
 * it, as `rate` in `learning_rate`, else the one at the smallest edit distance, if most of it matches.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const plain = plainName(given);
  const holds = (a: string, b: string) => b.length >= SHORTEST_PART && a.includes(b);
  const closest = (candidates: readonly string[]) =>
    candidates
      .map((name) => ({ name, far: distance(plain, plainName(name)) }))
      .sort((a, b) => a.far - b.far)
      .at(0);
  const related =
    closest(names.filter((name) => holds(plainName(name), plain))) ??
    closest(names.filter((name) => holds(plain, plainName(name))));
  if (related !== undefined) return related.name;
  const best = closest(names);
  return best && isNear(plain, plainName(best.name), best.far) ? best.name : undefined;
}

/** Two letters exchanged, or left out at the end, are a single slip, though they are an edit distance of 2. */
function isNear(given: string, name: string, far: number): boolean {
  const letters = (text: string) => [...text].sort().join('');
  const slip = far === 2 && (name.startsWith(given) || letters(given) === letters(name));
  return far < given.length && (slip || far <= Math.max(1, FARTHEST * given.length));
}

/** The end of a sentence about an unknown name: `; did you mean 'lenet-5'?`, or nothing if none is near. */
export function suggestion(given: string, names: readonly string[]): string {
  const meant = nearest(given, names);
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}
