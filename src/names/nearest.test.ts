import { describe, expect, it } from 'vitest';
import { nearest } from './index.js';

const FLAGS = ['--json', '--csv', '--annotate', '--distribution', '--no-gender', '--at-least'];

describe('the name that was meant', () => {
  it.each([
    ['one with letters exchanged', 'bacth', ['batch', 'rate', 'epochs'], 'batch'],
    ['one whose words are set off otherwise', 'micro_batches', ['batch', 'microBatches'], 'microBatches'],
    ['a part of the given one', 'learning_rate', ['learner', 'rate'], 'rate'],
    [
      'one that the given one begins, and not what that holds',
      'mobilenet-v3',
      ['mobilenet', 'mobilenet-v3-large'],
      'mobilenet-v3-large',
    ],
    ['the nearer of two that hold it', 'lenet', ['alexnet', 'lenet-groups-14', 'lenet-5'], 'lenet-5'],
    ['a short one with a number left out', 'vgg', ['resnet18', 'vgg16'], 'vgg16'],
  ])('is %s', (_what, given, names, meant) => {
    expect(nearest(given, names)).toBe(meant);
  });

  it.each([
    ['--jsn', '--json'],
    ['--cvs', '--csv'],
    ['--anotate', '--annotate'],
    ['--atleast', '--at-least'],
    ['--distr', '--distribution'],
    ['--gender', '--no-gender'],
  ])('is of the flag %s %s', (given, meant) => {
    expect(nearest(given, FLAGS)).toBe(meant);
  });

  it.each([
    ['-x', ['-h', '-V', '--help']],
    ['ages', ['load', 'size', 'seed']],
    ['foo', ['fit', 'to', 'form']],
    ['zz', ['a', 'to', 'cpu']],
  ])('is none where most of %s is wrong', (given, names) => {
    expect(nearest(given, names)).toBeUndefined();
  });

  it.each(['zzzzzzzz', 'transformer', ''])("is none where '%s' is near to none", (given) => {
    expect(nearest(given, ['vgg16', 'resnet50', 'lenet-5'])).toBeUndefined();
  });
});
