import { expect, it } from 'vitest';
import { factList } from './fact-list.js';
import { paint } from './text.js';

const FACTS = [
  ['size', '11.2 MB'],
  ['backbone', 'a ResNet of twenty-nine layers'],
] as const;

it('writes a line for each fact', () => {
  expect(factList(FACTS, paint({ colours: false, columns: undefined }))).toBe(`\
  size      11.2 MB
  backbone  a ResNet of twenty-nine layers
`);
});

it('breaks lines between words where the terminal ends', () => {
  expect(factList(FACTS, paint({ colours: false, columns: 27 }))).toBe(`\
  size      11.2 MB
  backbone  a ResNet of
            twenty-nine
            layers
`);
});
