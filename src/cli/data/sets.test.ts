import { expect, it } from 'vitest';
import { READERS } from '../../data/index.js';
import { optionList, SET_OPTIONS, SETS } from './sets.js';

it('the data sets that help lists are those that can be read', () => {
  expect(SETS).toEqual(READERS.map(({ id, title }) => [id, title]));
});

it('the options that help lists are those that readers take', () => {
  const taken = READERS.filter(({ options }) => Object.keys(options).length > 0);
  expect(SET_OPTIONS).toEqual(Object.fromEntries(taken.map(({ id, options }) => [id, options])));
});

it('options are listed with their values, or without where they take any text', () => {
  expect(optionList('appa-real').split('\n')[0]).toBe('  age: apparent (default), real');
  expect(optionList('morph2').split('\n')[0]).toBe('  table');
  expect(optionList('utkface')).toBe('');
});
