import { describe, expect, it } from 'vitest';
import { checkOptions, ESTIMATE_RULES, faceOptions, LOAD_RULES, STREAM_RULES } from './options.js';

const load = (options: unknown) => () => checkOptions(options as object, LOAD_RULES);
const estimate = (options: unknown) => () => checkOptions(options as object, ESTIMATE_RULES);

it('distinguishes the options that choose faces from others', () => {
  const given = { maxFaces: 2, order: 'size' as const, threads: 2, minScore: undefined };
  expect(faceOptions(given as object)).toStrictEqual({ maxFaces: 2, order: 'size' });
});

describe('options', () => {
  it('are known ones, each of its kind', () => {
    const faces = { minScore: 0.6, minFaceSize: 40, maxFaces: 3, order: 'size' };
    expect(load({ ...faces, flip: true, threads: 2, onProgress: () => {}, models: undefined })).not.toThrow();
    expect(estimate({ ...faces, signal: new AbortController().signal, onProgress: () => {} })).not.toThrow();
    expect(load({})).not.toThrow();
  });

  it.each([
    [load({ model: 'agewise-base' }), "there is no option 'model'; did you mean 'models'?"],
    [load({ minscore: 0.5 }), "there is no option 'minscore'; did you mean 'minScore'?"],
    [load({ zzzzzzzz: 1 }), /there is no option 'zzzzzzzz'$/],
    [load({ toString: 1 }), /there is no option 'toString'/],
    [estimate({ threads: 2 }), /there is no option 'threads'/],
    [() => checkOptions({ onProgress: () => {} }, STREAM_RULES as never), /there is no option 'onProgress'/],
    [load({ flip: 'yes' }), "flip: expected true or false, found the text 'yes'"],
    [load({ minScore: '0.5' }), "minScore: expected a number in 0..1, found the text '0.5'"],
    [estimate({ signal: {} }), 'signal: expected an AbortSignal, found an object with nothing in it'],
    [estimate({ onProgress: 3 }), 'onProgress: expected a function, found number 3'],
    [estimate(0), 'options: expected an object, found number 0'],
    [load(null), 'options: expected an object, found null'],
    [load([]), 'options: expected an object, found a list'],
  ])('are mistaken where they are others, or of another type (%#)', (check, sentence) => {
    expect(check).toThrow(TypeError);
    expect(check).toThrow(sentence);
  });

  it.each([
    [{ minScore: 1.5 }, 'minScore: expected a number in 0..1, found number 1.5'],
    [{ minScore: Number.NaN }, 'minScore: expected a number in 0..1, found number NaN'],
    [{ minFaceSize: -1 }, 'minFaceSize: expected a number of pixels, from 0, found number -1'],
    [{ maxFaces: 0 }, 'maxFaces: expected a positive whole number, found number 0'],
    [{ order: 'age' }, "order: expected 'score' or 'size', found the text 'age'"],
  ])('are out of range: %o', (options, sentence) => {
    expect(estimate(options)).toThrow(RangeError);
    expect(estimate(options)).toThrow(sentence);
  });
});
