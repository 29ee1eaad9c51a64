import { describe, expect, it } from 'vitest';
import {
  bitsPerElement,
  elementCount,
  float32Values,
  int64s,
  integerValues,
  type NumericType,
  tensor,
  tensorValues,
} from './tensor.js';

describe('tensor', () => {
  it.each<[NumericType, number[], number[]]>([
    ['int8', [-1, 2], [255, 2]],
    ['int16', [-2], [254, 255]],
    ['uint32', [0x01020304], [4, 3, 2, 1]],
    ['float32', [1], [0, 0, 128, 63]],
    ['float16', [1], [0, 60]],
    ['bool', [1, 0], [1, 0]],
    ['int64', [-2], [254, 255, 255, 255, 255, 255, 255, 255]],
  ])('holds %s as little-endian bytes', (dtype, values, bytes) => {
    expect([...tensor('t', dtype, [values.length], values).data]).toEqual(bytes);
  });

  it('takes an array of the type itself without a copy', () => {
    const values = Float32Array.of(1, 2);
    expect(tensor('t', 'float32', [2], values).data.buffer).toBe(values.buffer);
    expect([...tensorValues(tensor('t', 'float16', [1], Uint16Array.of(0x3c00)))]).toEqual([0x3c00]);
    const bits = tensor('t', 'bfloat16', [1], Uint16Array.of(0x4049));
    expect(float32Values(bits)[0]).toBe(3.140625);
    expect(() => tensor('t', 'bfloat16', [1], [1])).toThrow('takes its bits as a Uint16Array');
  });

  it('counts', () => {
    expect([elementCount([]), elementCount([2, 3]), elementCount([2, 0])]).toEqual([1, 6, 0]);
    expect([bitsPerElement('float8e5m2'), bitsPerElement('int4'), bitsPerElement('string')]).toEqual([
      8,
      4,
      undefined,
    ]);
    expect(() => tensor('w', 'float32', [2, 2], [1])).toThrow(
      "Tensor 'w' of shape [2, 2] needs 4 values, found 1",
    );
  });

  it('reads values at places that are not aligned', () => {
    const bytes = new Uint8Array(13);
    bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 1);
    const t = { name: '', dtype: 'float32', dims: [2], data: bytes.subarray(1, 9) } as const;
    expect([...tensorValues(t)]).toEqual([1.5, -2]);
  });

  it('returns floats and integers whatever the type', () => {
    expect([...float32Values(tensor('', 'float16', [2], [0.5, -3]))]).toEqual([0.5, -3]);
    expect([...float32Values(tensor('', 'int64', [1], [7]))]).toEqual([7]);
    expect(integerValues(int64s('', [-1, 2 ** 40]))).toEqual([-1, 2 ** 40]);
    const strings = { name: 's', dtype: 'string', dims: [0], data: new Uint8Array() } as const;
    expect(() => tensorValues(strings)).toThrow("Tensor 's' of type string has no JavaScript array");
  });
});
