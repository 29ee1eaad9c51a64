/**
 * The protocol of the Facial Age Estimation Benchmark: Paplham and Franc, "A Call to Reflect on Evaluation Practices
 * for Age Estimation", CVPR 2024; https://github.com/paplhjak/Facial-Age-Estimation-Benchmark-Databases (README and
 * `facebase/to_json/`).
 *
 * Pictures lie in ten folders. If people are known, they are shuffled and each goes to the folder with the fewest
 * pictures of that person's most frequent age; otherwise a picture's folder is its number modulo 10. Each of five
 * repetitions trains on six folders in a row, validates on the next two and tests on the next two. The authors' shuffle
 * had no seed, so ours is another random draw of the same kind. CACD2000 and ChaLearn LAP 2016 keep their own split,
 * which is the same in all repetitions. Near-duplicates share the folder of the first of them.
 */

import { labelAge } from '../../age/index.js';
import { Random } from '../../random/index.js';
import { authorsSplit } from './authors.js';
import { type Group, groupsOf } from './groups.js';
import type { Assignment, SplitRow, SplitSubject } from './types.js';

const FOLDERS = 10;

/** The folder at which each repetition's training part begins. */
const STARTS = [0, 2, 4, 5, 6] as const;

const PARTS = ['train', 'validation', 'test'] as const;
const TRAIN_FOLDERS = 6;
const VALIDATION_FOLDERS = 2;

/** Data sets, by their readers' ids, that keep their authors' split. */
const OWN_SPLIT: readonly string[] = ['cacd', 'chalearn-lap-2016'];

/** @param repetition 0..4 */
export function benchmarkSplit(subject: SplitSubject, repetition: number, seed: number): Assignment {
  const { rows } = subject;
  if (rows.length > 0 && rows.every(({ source }) => OWN_SPLIT.includes(source))) return authorsSplit(subject);
  const start = STARTS[repetition];
  if (start === undefined) throw new RangeError(`repetition: expected 0 to 4, found ${repetition}`);
  const groups = groupsOf(subject);
  const folders = rows.some(({ identity }) => identity !== undefined)
    ? foldersByPerson(groups, rows, seed)
    : groups.map((group) => group[0]! % FOLDERS);
  const partOf = new Uint8Array(rows.length);
  groups.forEach((group, g) => {
    const place = (folders[g]! - start + FOLDERS) % FOLDERS;
    const part = place < TRAIN_FOLDERS ? 0 : place < TRAIN_FOLDERS + VALIDATION_FOLDERS ? 1 : 2;
    for (const row of group) partOf[row] = part;
  });
  return { parts: PARTS, partOf };
}

function foldersByPerson(groups: readonly Group[], rows: readonly SplitRow[], seed: number): number[] {
  const folders = new Array<number>(groups.length);
  /** Pictures of each age in each folder. */
  const held = new Map<number, number[]>();
  const heldAt = (age: number) => {
    const counts = held.get(age) ?? new Array<number>(FOLDERS).fill(0);
    held.set(age, counts);
    return counts;
  };
  for (const g of new Random(seed).shuffle(groups.map((_, i) => i))) {
    const ages = groups[g]!.map((row) => wholeAge(rows[row]!));
    const counts = heldAt(mostFrequent(ages));
    const folder = counts.indexOf(Math.min(...counts));
    folders[g] = folder;
    for (const age of ages) heldAt(age)[folder]!++;
  }
  return folders;
}

const UNKNOWN_AGE = -1;
const wholeAge = ({ age }: SplitRow): number => (age === undefined ? UNKNOWN_AGE : Math.floor(labelAge(age)));

/** The first of the most frequent values. */
function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = values[0]!;
  for (const [value, count] of counts) if (count > counts.get(best)!) best = value;
  return best;
}
