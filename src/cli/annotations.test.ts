import { describe, expect, it } from 'vitest';
import { label, planAnnotations } from './annotations.js';
import { UsageError } from './usage.js';

const plan = (files: string[], folder = 'out') => [...planAnnotations(files, folder, '/home/me').values()];

describe('planAnnotations', () => {
  it.each([
    ['a.jpg', 'out/a.jpg'],
    ['x/y/a.PNG', 'out/x/y/a.PNG'],
    ['./x/../a.jpg', 'out/a.jpg'],
    ['/home/me/x/a.jpg', 'out/x/a.jpg'],
    ['../you/a.jpg', 'out/home/you/a.jpg'],
    ['/data/a.jpg', 'out/data/a.jpg'],
    ['..a.jpg', 'out/..a.jpg'],
    ['a.webp', 'out/a.webp.png'],
    ['a', 'out/a.png'],
    ['-', 'out/stdin.jpg'],
  ])('writes %s to %s', (file, path) => {
    expect(plan([file])).toEqual([path]);
  });

  it('keeps equal names apart, and one picture together', () => {
    expect(plan(['x/a.jpg', 'y/a.jpg', 'data/a.jpg', '/data/a.jpg', './data/a.jpg'])).toEqual([
      'out/x/a.jpg',
      'out/y/a.jpg',
      'out/data/a.jpg',
      'out/data/a-2.jpg',
      'out/data/a.jpg',
    ]);
    expect(plan(['a.webp', 'a.webp.png'])).toEqual(['out/a.webp.png', 'out/a.webp-2.png']);
  });

  it('refuses to overwrite a picture', () => {
    expect(() => plan(['a.jpg'], '.')).toThrow(UsageError);
    expect(() => plan(['a.jpg', 'x/a.jpg'], 'x')).toThrow("would overwrite the picture 'x/a.jpg'");
  });
});

describe('label', () => {
  it('tells age, spread and gender', () => {
    const age = { age: 34.4, std: 7.6 };
    expect(label({ ...age, gender: { label: 'female', probability: 0.92 } })).toBe('34 ±8 ♀ 92%');
    expect(label({ ...age, gender: { label: 'male', probability: 0.998 } })).toBe('34 ±8 ♂ 100%');
    expect(label(age)).toBe('34 ±8');
  });
});
