import { describe, expect, it } from 'vitest';
import {
  attribute,
  float,
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  tensorAttribute,
} from './attributes.js';
import { node } from './node.js';
import { float32 } from './tensor.js';

describe('attributes', () => {
  const weights = float32('w', [1], [1]);
  const n = node('Op', ['x'], ['y'], {
    a: 1,
    b: [1, 2],
    c: 'text',
    d: float(1),
    e: weights,
    left: undefined,
  });

  it('are made of plain values and read back', () => {
    expect(n.name).toBe('y');
    expect([...n.attributes.keys()]).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(intAttribute(n, 'a', 0)).toBe(1);
    expect(intsAttribute(n, 'b', [])).toEqual([1, 2]);
    expect(stringAttribute(n, 'c', '')).toBe('text');
    expect(floatAttribute(n, 'd', 0)).toBe(1);
    expect(tensorAttribute(n, 'e')).toBe(weights);
  });

  it('have the default if the node does not carry them', () => {
    expect([intAttribute(n, 'z', 7), intsAttribute(n, 'z', undefined), floatAttribute(n, 'z', 0.5)]).toEqual([
      7,
      undefined,
      0.5,
    ]);
    expect([stringAttribute(n, 'z', 'NOTSET'), tensorAttribute(n, 'z')]).toEqual(['NOTSET', undefined]);
  });

  it('are errors if the kind is another', () => {
    expect(() => attribute(0.5)).toThrow('An integer attribute was given 0.5');
    expect(() => intAttribute(n, 'c', 0)).toThrow("Attribute 'c' of Op 'y' must be int, found string");
  });
});
