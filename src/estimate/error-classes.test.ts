import { describe, expect, it } from 'vitest';
import { packError, unpackError } from '../errors/index.js';
import { ImageError } from '../vision/index.js';
import { ERROR_CLASSES } from './error-classes.js';

const crossed = (error: unknown) => unpackError(structuredClone(packError(error)), ERROR_CLASSES);

describe('an error from a thread', () => {
  it('is of its class, and says what it said', () => {
    const error = new ImageError('a.jpg', 'an image', 'text', { cause: new Error('libvips') });
    const there = crossed(error);
    expect(there).toBeInstanceOf(ImageError);
    expect(there).toMatchObject({ ...error });
    expect([there.name, there.message, there.stack]).toEqual([error.name, error.message, error.stack]);
  });

  it.each([
    ['a TypeError', new TypeError('t: expected an age'), TypeError],
    [
      'a class that is not known',
      new (class OddError extends Error {
        override name = 'OddError';
      })('odd'),
      Error,
    ],
    ['no error', 'odd', Error],
  ] as const)('may be %s', (_, error, expected) => {
    const there = crossed(error);
    expect(there).toBeInstanceOf(expected);
    expect(there.message).toBe(error instanceof Error ? error.message : 'odd');
    expect(there.name).toBe(error instanceof Error ? error.name : 'Error');
  });
});
