import { expect, it } from 'vitest';
import { CLASS_SETS } from '../age/index.js';
import { classSet, classSets } from './class-set.js';

it('takes a name, and ranges of years', () => {
  expect(classSet('adience')).toBe(CLASS_SETS.adience);
  expect(classSet('0-12, 13,14-17,18+')).toEqual([
    { from: 0, to: 12 },
    { from: 13, to: 13 },
    { from: 14, to: 17 },
    { from: 18, to: 100 },
  ]);
  expect(Object.keys(classSets(['adience', '0-17,18+'])!)).toEqual(['adience', '0-17,18+']);
  expect(classSets(undefined)).toBeUndefined();
});

it.each([
  [
    'groups',
    "--classes: expected 0-100, 1-100, 1-80, groups-14, groups-8, adience, or ranges such as 0-12,13-17,18+, found 'groups'",
  ],
  ['0-12,10-17', '--classes: age class 10..17 does not come after 0..12'],
  ['0-120', '--classes: age class 0..120 is not a range of whole years within 0..100'],
  ['toString', '--classes: expected '],
])('says what is wrong with %s', (text, sentence) => {
  expect(() => classSet(text)).toThrow(sentence);
});
