/** Which name was meant by one that there is not. */
import { distance } from 'fastest-levenshtein';

/** A name apart from how words are set off: `batch_size`, `batch-size` and `batchSize` are one. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Names of fewer letters are part of too many others by chance. */
export const SHORTEST_PART = 4;
/** The most of a name, as a share, that may be wrong. */
const FARTHEST = 0.4;

/**
 * The name that was most likely meant: one that holds the given name, as `lenet-5` holds `lenet`, or that it holds, as
 * `learning_rate` holds `rate`, else the one at the least edit distance, if most of it is right.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = plainName(given);
  const holds = (a: string, b: string) => b.length >= SHORTEST_PART && a.includes(b);
  const closest = (candidates: readonly string[]) =>
    candidates
      .map((name) => ({ name, far: distance(wanted, plainName(name)) }))
      .sort((a, b) => a.far - b.far)
      .at(0);
  const related =
    closest(names.filter((name) => holds(plainName(name), wanted))) ??
    closest(names.filter((name) => holds(wanted, plainName(name))));
  if (related !== undefined) return related.name;
  const best = closest(names);
  return best !== undefined && best.far <= Math.max(2, FARTHEST * wanted.length) ? best.name : undefined;
}

/** The end of a sentence about a name that there is not: `; did you mean 'lenet-5'?`, or nothing where none is near. */
export function suggestion(given: string, names: readonly string[]): string {
  const meant = nearest(given, names);
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}
