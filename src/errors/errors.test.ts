import { expect, it } from 'vitest';
import { AgewiseError, type ErrorKind, exitCode, httpStatus, KINDS, sentenceAbout } from './index.js';

class MadeUpThingError extends AgewiseError {
  override readonly name = 'MadeUpThingError';
  static override readonly kind: ErrorKind = 'usage';
}

it('makes a sentence of its parts, and keeps them', () => {
  const error = new MadeUpThingError({ subject: 'a.jpg', expected: 'an image', found: 'a folder' });
  expect(error.message).toBe('a.jpg: expected an image, found a folder');
  expect(error).toMatchObject({ subject: 'a.jpg', expected: 'an image', found: 'a folder', kind: 'usage' });
  expect(new MadeUpThingError({ subject: 'a.jpg', problem: 'it is gone' }).message).toBe('a.jpg: it is gone');
});

it('has a code derived from its name, and the kind that it is given', () => {
  const cause = new Error('below');
  const error = new MadeUpThingError('a sentence', { kind: 'failed', cause });
  expect(error).toMatchObject({ code: 'AGEWISE_MADE_UP_THING', kind: 'failed', subject: undefined, cause });
});

it('names what it is about once', () => {
  const error = new MadeUpThingError({ subject: 'a.jpg', problem: 'it is gone' });
  expect(sentenceAbout('a.jpg', error)).toBe('a.jpg: it is gone');
  expect(sentenceAbout('b.jpg', error)).toBe('b.jpg: a.jpg: it is gone');
  expect(sentenceAbout('a.jpg', new TypeError('a.jpg: x is not a function'))).toBe(
    'a.jpg: a.jpg: x is not a function',
  );
});

it('means one exit code and one HTTP status', () => {
  const meanings = Object.keys(KINDS).map((kind) => [
    kind,
    exitCode(kind as ErrorKind),
    httpStatus(kind as ErrorKind),
  ]);
  expect(meanings).toEqual([
    ['usage', 2, 400],
    ['missing', 2, 404],
    ['input', 2, 422],
    ['unsupported', 2, 501],
    ['failed', 1, 500],
  ]);
});
