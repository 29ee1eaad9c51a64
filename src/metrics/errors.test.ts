import { describe, expect, it } from 'vitest';
import { CLASS_SETS, classLabel, yearClasses } from '../age/index.js';
import { meanAndDeviation, rightClasses, yearsOff } from './errors.js';

describe('errors', () => {
  it('are distances from an age, and from an interval where outside', () => {
    expect([25, 31].map((age) => yearsOff(age, { age: 30 }))).toEqual([5, 1]);
    expect([19, 20, 25, 29, 33].map((age) => yearsOff(age, { from: 20, to: 29 }))).toEqual([1, 0, 0, 0, 4]);
    expect(yearsOff(100, { age: 116 })).toBe(16);
  });

  it('know the classes that a label belongs to', () => {
    const groups = CLASS_SETS['groups-14'];
    const right = (label: Parameters<typeof rightClasses>[1]) =>
      rightClasses(groups, label).map((k) => classLabel(groups[k]!));
    expect(right({ age: 26 })).toEqual(['26-30']);
    expect(right({ age: 110 })).toEqual(['66-100']);
    expect(right({ from: 21, to: 30 })).toEqual(['21-25', '26-30']);
    // A group that the classes cut: all they cover mostly, and that which holds half of it.
    expect(right({ from: 20, to: 29 })).toEqual(['21-25', '26-30']);
    expect(right({ from: 24, to: 27 })).toEqual(['21-25', '26-30']);
    expect(right({ from: 60, to: 69 })).toEqual(['61-65']);
    expect(right({ from: 70, to: 120 })).toEqual(['66-100']);
    expect(
      rightClasses(
        [
          { from: 0, to: 17 },
          { from: 18, to: 100 },
        ],
        { from: 10, to: 19 },
      ),
    ).toEqual([0]);
    // Between the classes of Adience.
    expect(rightClasses(CLASS_SETS.adience, { from: 21, to: 24 })).toEqual([4]);
    expect(rightClasses(yearClasses(), { age: 30, std: 4 })).toEqual([30]);
  });

  it('have means and deviations of populations', () => {
    expect(meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: 2 });
    expect(meanAndDeviation([]).mean).toBeNaN();
  });
});
