import { describe, expect, it } from 'vitest';
import { runEstimate } from './run-estimate.js';
import { UsageError } from './usage.js';

describe('runEstimate', () => {
  it.each([
    ['a model that cannot be loaded', { model: ['missing.onnx'] }],
    ['a copy that would overwrite its picture', { annotate: '.' }],
  ])('gives Ctrl-C back after %s', async (_, flags) => {
    const before = process.listenerCount('SIGINT');
    const work = runEstimate(['missing.jpg'], { device: 'cpu', gender: true, turn: true, ...flags });
    await expect(work).rejects.toThrow(UsageError);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
