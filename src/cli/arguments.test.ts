import { describe, expect, it } from 'vitest';
import { anyNumber, collect, outputPath, wholeNumber } from './arguments.js';

describe('wholeNumber', () => {
  it('takes both ends', () => {
    expect(['2', '100'].map(wholeNumber(2, 100))).toEqual([2, 100]);
  });

  it.each(['1', '101', '2.5', '', ' 5', '1e1', '0x10', '-3'])('refuses %j', (text) => {
    expect(() => wholeNumber(2, 100)(text)).toThrow('Expected a whole number from 2 to 100.');
  });
});

describe('anyNumber', () => {
  it('takes decimals, and what is below 0', () => {
    expect(['-1.5', '0', '0.25', '4'].map(anyNumber(-2, 4))).toEqual([-1.5, 0, 0.25, 4]);
  });

  it.each(['-2.1', '4.01', 'wide', '', '.5', '1e1'])('refuses %j', (text) => {
    expect(() => anyNumber(-2, 4)(text)).toThrow('Expected a number from -2 to 4.');
  });
});

it('outputPath takes any name but that of standard output', () => {
  expect(['a.csv', './-', ''].map(outputPath)).toEqual(['a.csv', './-', '']);
  expect(() => outputPath('-')).toThrow('Expected a name');
});

it('what is given again and again is gathered in order', () => {
  expect(collect('b', collect('a'))).toEqual(['a', 'b']);
});
