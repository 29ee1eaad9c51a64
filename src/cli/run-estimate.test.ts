import { describe, expect, it } from 'vitest';
import { runEstimate } from './run-estimate.js';

describe('runEstimate', () => {
  it.each([
    ['a model that cannot be loaded', { model: ['missing.onnx'] }, 'missing'],
    ['a copy that would overwrite its picture', { annotate: '.' }, 'usage'],
  ])('restores Ctrl-C after %s', async (_, flags, kind) => {
    const before = process.listenerCount('SIGINT');
    const work = runEstimate(['missing.jpg'], { device: 'cpu', gender: true, turn: true, ...flags });
    await expect(work).rejects.toMatchObject({ kind });
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
