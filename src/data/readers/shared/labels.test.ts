import { describe, expect, it } from 'vitest';
import { isUnknown, parseAge, parseNumber } from './labels.js';

describe('parseAge', () => {
  it.each([
    ['25', { age: 25 }],
    ['0', { age: 0 }],
    ['25.5', { age: 25.5 }],
    ['-3', { age: -3 }],
    ['20-29', { from: 20, to: 29 }],
    ['20 – 29', { from: 20, to: 29 }],
    ['(25, 32)', { from: 25, to: 32 }],
    ['60+', { from: 60, to: 100 }],
    ['110+', { from: 110, to: 110 }],
  ])('reads %s', (text, label) => {
    expect(parseAge(text)).toEqual(label);
  });

  it.each([
    '',
    'old',
    '20-',
    '-',
    '20-29-39',
    '0x19',
    'Infinity',
    'NaN',
    '2 5',
    '1950-1960s',
    '1e1',
    '2.5e1',
  ])('leaves %s', (text) => {
    expect(parseAge(text)).toBeUndefined();
  });
});

it('parseNumber does not take what Number does', () => {
  expect([' ', '', '0b1', '1_000', '.', ',', '1e1', '1,5,2'].map(parseNumber)).toEqual(
    new Array(8).fill(undefined),
  );
  expect(parseNumber('1,5')).toBe(1.5);
  expect(parseNumber('.5')).toBe(0.5);
});

it('isUnknown knows how absent labels are written', () => {
  expect(['', 'None', 'NaN', 'N/A', 'null', '?', '-', 'NA', '<NA>', '#N/A'].every(isUnknown)).toBe(true);
  expect(['0', 'none of these', 'nanny'].some(isUnknown)).toBe(false);
});
