import { expect, it } from 'vitest';
import { READERS } from '../../data/index.js';
import { SETS } from './sets.js';

it('the data sets that help lists are those that can be read', () => {
  expect(SETS).toEqual(READERS.map(({ id, title }) => [id, title]));
});
