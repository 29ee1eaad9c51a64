/**
 * A part for each person, for training on all but one and testing on that one: leave-one-person-out, the protocol of
 * FG-NET (Lanitis et al., "Toward automatic simulation of aging effects on face images", TPAMI 2002), which has 82
 * people.
 */
import { DataError } from '../types.js';
import { groupsOf } from './groups.js';
import { type Assignment, LEFT_OUT, MOST_PARTS, type SplitSubject } from './types.js';

/**
 * A part is named after its person, with the set's name in front if several sets have the same name; people who share
 * near-duplicates form one part, `ann+bob`. Rows without a person are in no part, unless they are near-duplicates of a
 * row with one.
 * @throws DataError if no person is named, or there are too many.
 */
export function peopleSplit(subject: SplitSubject): Assignment {
  const { rows } = subject;
  const sources = new Map<string, Set<string>>();
  for (const { identity, source } of rows) {
    if (identity !== undefined) sources.set(identity, (sources.get(identity) ?? new Set()).add(source));
  }
  const nameOf = (row: number): string | undefined => {
    const { identity, source } = rows[row]!;
    if (identity === undefined) return undefined;
    return sources.get(identity)!.size > 1 ? `${source}/${identity}` : identity;
  };
  const parts: string[] = [];
  const partOf = new Uint8Array(rows.length).fill(LEFT_OUT);
  for (const group of groupsOf(subject)) {
    const people = [...new Set(group.map(nameOf).filter((name) => name !== undefined))];
    if (people.length === 0) continue;
    for (const row of group) partOf[row] = Math.min(parts.length, LEFT_OUT);
    parts.push(people.join('+'));
  }
  if (parts.length === 0) throw new DataError('expected pictures that name people, found none');
  if (parts.length > MOST_PARTS) {
    throw new DataError(
      `expected at most ${MOST_PARTS} people, each of whom is a part, found ${parts.length}; method folds keeps people together too`,
    );
  }
  return { parts, partOf };
}
