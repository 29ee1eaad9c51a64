import { describe, expect, it } from 'vitest';
import { howSeen, seenNotes } from './seen.js';

const DATA = {
  path: 'made.store',
  title: 'Made',
  set: 'made',
  fingerprint: 'f',
  split: 'hash',
  part: 'test',
  rows: 'r',
};
const origin = (changes: object) => ({
  title: 'Made',
  fingerprint: 'f',
  split: 'hash',
  part: 'train',
  rows: 't',
  ...changes,
});

describe('what a model has learned from', () => {
  it.each([
    ['the same rows', { rows: 'r' }, ['trained'], 'has learned from these very faces'],
    ['another part', {}, [], undefined],
    ['the same part, its rows not recorded', { part: 'test', rows: null }, ['trained'], 'these very faces'],
    ['another part, its rows not recorded', { rows: null }, [], undefined],
    ['a part of another split', { split: 'shares' }, [], "(part 'train' of split 'shares')"],
    ['the same part of a split that was made again', { part: 'test' }, [], 'may have seen some'],
    ['another store', { fingerprint: 'g', rows: 'r' }, [], undefined],
  ])('is reported for %s', (_, changes, how, sentence) => {
    const model = {
      name: 'm',
      calibratedOn: null,
      trainedOn: [origin({ fingerprint: 'o' }), origin(changes)],
    };
    expect(howSeen(model, DATA)).toEqual(how);
    const notes = seenNotes(model, DATA).join();
    if (sentence === undefined) expect(notes).toBe('');
    else expect(notes).toContain(sentence);
  });

  it('is in a whole store of which any part was learned from', () => {
    const whole = { ...DATA, split: null, part: null, rows: 'all' };
    expect(howSeen({ calibratedOn: null, trainedOn: [origin({})] }, whole)).toEqual(['trained']);
    expect(howSeen({ calibratedOn: null, trainedOn: null }, whole)).toEqual([]);
  });
});
