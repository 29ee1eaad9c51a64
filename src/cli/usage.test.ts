import { describe, expect, it } from 'vitest';
import { nearest } from './usage.js';

describe('nearest', () => {
  const flags = ['--json', '--csv', '--annotate', '--distribution', '--no-gender', '--at-least'];

  it.each([
    ['--jsn', '--json'],
    ['--cvs', '--csv'],
    ['--anotate', '--annotate'],
    ['--atleast', '--at-least'],
    // Far by letters, but its beginning.
    ['--distr', '--distribution'],
    ['--gender', '--no-gender'],
  ])('takes %s for %s', (given, meant) => {
    expect(nearest(given, flags)).toBe(meant);
  });

  it('names one however far, and none where there is none', () => {
    expect(flags).toContain(nearest('--zzzzzzzz', flags));
    expect(nearest('--json', [])).toBeUndefined();
  });
});
