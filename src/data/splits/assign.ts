/** A method, at work. */
import { Random } from '../../random/index.js';
import { DataError } from '../types.js';
import { allocate, stratumOf } from './allocate.js';
import { authorsSplit } from './authors.js';
import { benchmarkSplit } from './benchmark.js';
import { groupsOf } from './groups.js';
import { hashSplit } from './hash.js';
import type { SplitMethod } from './method.js';
import { peopleSplit } from './people.js';
import type { Assignment, SplitSubject } from './types.js';

/** As in AL-ResNet's experiments on UTKFace. */
const AL_RESNET_TRAIN = 0.8;

/**
 * Assigns each row to a part, deterministically for a subject, method and seed. Near-duplicates and pictures of one
 * person are always in the same part.
 * @throws DataError if the method cannot be applied to the data.
 */
export function assignParts(subject: SplitSubject, method: SplitMethod, seed: number): Assignment {
  switch (method.name) {
    case 'shares':
      return byShares(subject, method.shares, method.stratify, seed);
    case 'folds': {
      const names = Array.from({ length: method.folds }, (_, k) => `fold${k}`);
      const shares = Object.fromEntries(names.map((name) => [name, 1 / method.folds]));
      return byShares(subject, shares, method.stratify, seed);
    }
    case 'people':
      return peopleSplit(subject);
    case 'authors':
      return authorsSplit(subject);
    case 'al-resnet':
      return firstAfterShuffle(subject, seed, method.validation);
    case 'hash':
      return hashSplit(subject);
    case 'benchmark':
      return benchmarkSplit(subject, method.repetition, seed);
    case 'given':
      throw new DataError(`Split '${method.split}' is expected to be read, not made`);
  }
}

function byShares(
  subject: SplitSubject,
  shares: Readonly<Record<string, number>>,
  stratify: boolean,
  seed: number,
): Assignment {
  const groups = groupsOf(subject);
  const stratum = stratify ? (row: number) => stratumOf(subject.rows[row]!) : () => '';
  const partOfGroup = allocate(groups, Object.values(shares), stratum, seed);
  const partOf = new Uint8Array(subject.rows.length);
  groups.forEach((group, g) => {
    for (const row of group) partOf[row] = partOfGroup[g]!;
  });
  return { parts: Object.keys(shares), partOf };
}

/**
 * The first 80% train, the rest tests, as AL-ResNet's experiments split UTKFace: in the order of a directory listing, in
 * effect a shuffle. Sorted by name, the last fifth would contain only old faces.
 */
function firstAfterShuffle(subject: SplitSubject, seed: number, validation?: number): Assignment {
  const groups = new Random(seed).shuffle(groupsOf(subject));
  const parts = validation === undefined ? ['train', 'test'] : ['train', 'validation', 'test'];
  const partOf = new Uint8Array(subject.rows.length);
  const all = Math.round(AL_RESNET_TRAIN * subject.rows.length);
  const train = Math.round((1 - (validation ?? 0)) * all);
  let taken = 0;
  for (const group of groups) {
    const part = taken < train ? 0 : taken < all ? parts.length - 2 : parts.length - 1;
    for (const row of group) partOf[row] = part;
    taken += group.length;
  }
  return { parts, partOf };
}
