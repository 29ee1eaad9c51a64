/** The parts that a data set's authors made. */
import { DataError } from '../types.js';
import { groupsOf } from './groups.js';
import { type Assignment, LEFT_OUT, MOST_PARTS, type SplitSubject } from './types.js';

/** Parts by precedence for keeping a picture; others follow by name. */
const PRECEDENCE: readonly string[] = ['test', 'validation', 'train'];

/**
 * The authors' own split; rows that they assigned to no part are left out. If near-duplicates or pictures of one person
 * are in several parts, those in the test part stay and the others are left out, so that test results stay comparable;
 * next come those in validation, and for folds those in the first.
 *
 * @throws DataError if no row has a part.
 */
export function authorsSplit(subject: SplitSubject): Assignment {
  const names = new Set(subject.rows.flatMap(({ split }) => (split === undefined ? [] : [split])));
  if (names.size === 0)
    throw new DataError("No row has a part assigned by the data set's authors; choose another method");
  if (names.size > MOST_PARTS) {
    throw new DataError(`The authors' split must have at most ${MOST_PARTS} parts, found ${names.size}`);
  }
  const parts = [...names].sort(byOrder);
  const number = new Map(parts.map((part, i) => [part, i]));
  const rank = new Map([...names].sort(byPrecedence).map((part, i) => [part, i]));
  const partOf = new Uint8Array(subject.rows.length).fill(LEFT_OUT);
  for (const group of groupsOf(subject)) {
    let kept: string | undefined;
    for (const row of group) {
      const part = subject.rows[row]!.split;
      if (part !== undefined && (kept === undefined || rank.get(part)! < rank.get(kept)!)) kept = part;
    }
    if (kept === undefined) continue;
    for (const row of group) if (subject.rows[row]!.split === kept) partOf[row] = number.get(kept)!;
  }
  return { parts, partOf };
}

const natural = new Intl.Collator('en', { numeric: true });

function byPrecedence(a: string, b: string): number {
  const [x, y] = [a, b].map((part) =>
    PRECEDENCE.includes(part) ? PRECEDENCE.indexOf(part) : PRECEDENCE.length,
  );
  return x! - y! || natural.compare(a, b);
}

/** In order of use: train, validation, test, then the others. */
function byOrder(a: string, b: string): number {
  const [x, y] = [a, b].map((part) =>
    PRECEDENCE.includes(part) ? -PRECEDENCE.indexOf(part) : PRECEDENCE.length,
  );
  return x! - y! || natural.compare(a, b);
}
