import { describe, expect, it } from 'vitest';
import { byteRows, type RowWriter, tensorRows } from './rows.js';
import { noise } from './testing.js';
import { warp } from './warp.js';

const HEIGHT = 23;

const STRAIGHT = { x: 3.3, y: -2.1, ax: 1.7, ay: 0, bx: 0, by: 0.6 };
const TURNED = { x: 20.2, y: 5.9, ax: 0.7, ay: 0.4, bx: -0.4, by: 0.7 };
const TURNED_AND_SHRUNK = { x: 60, y: -5, ax: 1.9, ay: 1.1, bx: -1.1, by: 1.9 };

/** The same writer without what a sampler could write by itself. */
const plain =
  (write: RowWriter): RowWriter =>
  (row, y) =>
    write(row, y);

describe('vectorWriter', () => {
  it.each([
    ['straight', 37, STRAIGHT],
    ['straight, in whole vectors', 36, STRAIGHT],
    ['turned', 37, TURNED],
    ['turned, in whole vectors', 36, TURNED],
    ['turned and shrunk', 37, TURNED_AND_SHRUNK],
  ])('writes the bytes and floats of its writer, %s', (_, width, map) => {
    const image = noise(80, 60);
    const size = 3 * width * HEIGHT;
    const [bytes, sameBytes] = [new Uint8Array(size), new Uint8Array(size)];
    warp(image, map, width, HEIGHT, byteRows(bytes, width));
    warp(image, map, width, HEIGHT, plain(byteRows(sameBytes, width)));
    expect(bytes).toEqual(sameBytes);
    for (const layout of ['NCHW', 'NHWC'] as const) {
      for (const color of ['RGB', 'BGR'] as const) {
        const format = { color, layout, mean: [10, 20.5, 30], scale: [0.5, 1, 0.017] } as const;
        const [floats, sameFloats] = [new Float32Array(size), new Float32Array(size)];
        warp(image, map, width, HEIGHT, tensorRows(floats, 0, width, HEIGHT, format));
        warp(image, map, width, HEIGHT, plain(tensorRows(sameFloats, 0, width, HEIGHT, format)));
        expect(floats).toEqual(sameFloats);
      }
    }
  });
});
