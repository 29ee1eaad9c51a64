import { expect, it } from 'vitest';
import { alignedTable } from './aligned-table.js';
import { paint, widthOf } from './text.js';

const COLUMNS = [
  { title: 'Run' },
  { title: 'Recipe' },
  { title: 'MAE', align: 'right' },
  { title: 'Time', align: 'right' },
] as const;
const ROWS = [
  ['first', 'lenet-5', '5.25', '12 min'],
  ['second', 'wide', '10.5', '1 h'],
];

const table = (columns: number | undefined) =>
  alignedTable(COLUMNS, ROWS, paint({ colours: false, columns }));

const WHOLE = `\
Run     Recipe    MAE    Time
first   lenet-5  5.25  12 min
second  wide     10.5     1 h
`;

it('is as wide as its cells', () => {
  expect(table(undefined)).toBe(WHOLE);
  expect(table(29)).toBe(WHOLE);
});

it('is written in blocks of columns where the terminal is narrower, so that no line breaks', () => {
  expect(table(28)).toBe(`\
Run     Recipe    MAE
first   lenet-5  5.25
second  wide     10.5

Run       Time
first   12 min
second     1 h
`);
  for (const width of [15, 20, 25]) {
    for (const line of table(width).split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  }
});

it('has one column beside the first where not even that fits', () => {
  expect(table(5).split('\n\n')).toHaveLength(3);
});
