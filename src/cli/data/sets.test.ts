import { expect, it } from 'vitest';
import { optionList, setList } from './sets.js';

it('the data sets are listed under each other', () => {
  const lines = setList().split('\n');
  expect(lines).toContain('  utkface            UTKFace');
  expect(lines).toContain('  chalearn-lap-2015  ChaLearn LAP 2015');
});

it('options are listed with their values, or without if they take any text', () => {
  expect(optionList('appa-real').split('\n')[0]).toBe('  age: apparent (default), real');
  expect(optionList('morph2').split('\n')[0]).toBe('  table');
  expect(optionList('utkface')).toBe('');
});
