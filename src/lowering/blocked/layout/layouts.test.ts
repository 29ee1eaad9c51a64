import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlockSize, type Layout, pack, unpack } from './layouts.js';

const BLOCKS: readonly BlockSize[] = [8, 16];

/** Where the element (i, j, y, x) of a value lies, from the table of layouts. */
const placeOf: Readonly<
  Record<Layout, (i: number, j: number, y: number, x: number, dims: readonly number[], b: number) => number>
> = {
  plain: (i, j, y, x, [, d1, d2, d3]) => ((i * d1! + j) * d2! + y) * d3! + x,
  channels: (i, j, y, x, [, c, h, w], b) =>
    (((i * (c! / b) + Math.floor(j / b)) * h! + y) * w! + x) * b + (j % b),
  dense: (i, j, y, x, [, inputs, h, w], b) =>
    ((((Math.floor(i / b) * (inputs! / b) + Math.floor(j / b)) * h! + y) * w! + x) * b + (j % b)) * b +
    (i % b),
  thin: (i, j, y, x, [, inputs, h, w], b) =>
    (((Math.floor(i / b) * inputs! + j) * h! + y) * w! + x) * b + (i % b),
  depthwise: (i, _, y, x, [, , h, w], b) => ((Math.floor(i / b) * h! + y) * w! + x) * b + (i % b),
};

const shapes: Readonly<Record<Layout, (b: number) => readonly number[]>> = {
  plain: () => [2, 3, 2, 2],
  channels: (b) => [2, 2 * b, 3, 2],
  dense: (b) => [2 * b, 3 * b, 3, 2],
  thin: (b) => [2 * b, 3, 3, 5],
  depthwise: (b) => [2 * b, 1, 3, 2],
};

const count = (dims: readonly number[]): number => dims.reduce((a, d) => a * d, 1);

describe.each(BLOCKS)('layouts in blocks of %i', (block) => {
  it.each(Object.keys(shapes) as Layout[])('puts every element of %s where the table says', (layout) => {
    const dims = shapes[layout](block);
    const [d0, d1, d2, d3] = dims as [number, number, number, number];
    const values = Float32Array.from({ length: count(dims) }, (_, i) => i);
    const packed = pack(values, dims, layout, block);
    let element = 0;
    for (let i = 0; i < d0; i++)
      for (let j = 0; j < d1; j++)
        for (let y = 0; y < d2; y++)
          for (let x = 0; x < d3; x++) {
            if (packed[placeOf[layout](i, j, y, x, dims, block)] !== values[element++]) {
              expect.fail(`element ${[i, j, y, x]} of [${dims}]`);
            }
          }
    expect(element).toBe(packed.length);
  });

  it('unpacks what it packed', () => {
    const size = fc.integer({ min: 1, max: 4 });
    const cases = fc.tuple(
      fc.constantFrom<Layout>('plain', 'channels', 'dense', 'thin', 'depthwise'),
      size,
      size,
      size,
    );
    fc.assert(
      fc.property(cases, ([layout, a, b, c]) => {
        const [outer, inner] = {
          plain: [a, b],
          channels: [a, b * block],
          dense: [a * block, b * block],
          thin: [a * block, b],
          depthwise: [a * block, 1],
        }[layout] as [number, number];
        const dims = [outer, inner, c, a];
        const values = Float32Array.from({ length: count(dims) }, (_, i) => i);
        expect(unpack(pack(values, dims, layout, block), dims, layout, block)).toEqual(values);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses channels that the block does not divide', () => {
    expect(() => pack(new Float32Array(12), [1, 12, 1, 1], 'channels', block)).toThrow(
      `Layout channels in blocks of ${block} does not hold [1, 12, 1, 1]`,
    );
  });
});
