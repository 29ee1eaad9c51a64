import { describe, expect, it } from 'vitest';
import { CLASS_SETS, classLabel } from './class-sets.js';
import { classesProblem } from './classes.js';

describe('the named age classes', () => {
  it.each(Object.entries(CLASS_SETS))('%s are classes', (_, classes) => {
    expect(classesProblem(classes)).toBeUndefined();
  });

  it('have the counts that their systems have', () => {
    const counts = Object.entries(CLASS_SETS).map(([name, classes]) => [name, classes.length]);
    expect(Object.fromEntries(counts)).toEqual({
      '0-100': 101,
      '1-100': 100,
      '1-80': 80,
      'groups-14': 14,
      'groups-8': 8,
      adience: 8,
    });
    expect(CLASS_SETS['groups-14'].map(classLabel).slice(-2)).toEqual(['61-65', '66+']);
    expect(classLabel({ from: 100, to: 100 })).toBe('100');
  });
});
