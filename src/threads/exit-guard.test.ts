import { describe, expect, it } from 'vitest';
import { exitState, guarded, holdExit } from './exit-guard.js';

describe('a guarded run', () => {
  it('gives its result or its failure', async () => {
    const state = exitState();
    expect(await guarded(state, async () => 3)).toBe(3);
    await expect(guarded(state, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    // None is in progress any more: an exit would not wait.
    expect(Atomics.load(state, 0)).toBe(0);
  });

  it('does not begin once the process is about to exit', async () => {
    const state = exitState();
    const before = process.listeners('exit');
    const releases = [holdExit(state), ...Array.from({ length: 12 }, () => holdExit(exitState()))];
    expect(process.listeners('exit')).toHaveLength(before.length + 1);
    const [wait] = process.listeners('exit').filter((listener) => !before.includes(listener));
    wait!(0);
    let begun = false;
    void guarded(state, async () => {
      begun = true;
    });
    await new Promise(setImmediate);
    expect(begun).toBe(false);
    for (const release of releases) release();
    expect(process.listeners('exit')).toEqual(before);
  });
});
