import { expect, it } from 'vitest';
import { exitState, guarded, holdExit } from './exit-guard.js';

const listeners = () => process.listeners('exit').length;

it('runs native code until the process is about to exit, and none after that', async () => {
  const state = exitState();
  expect(await guarded(state, async () => 7)).toBe(7);
  await expect(guarded(state, () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');

  const before = listeners();
  const release = holdExit(state);
  const releaseOther = holdExit(exitState());
  expect(listeners()).toBe(before + 1);
  // No run is in progress, so this returns at once.
  (process.listeners('exit').at(-1) as () => void)();
  let ran = false;
  void guarded(state, async () => {
    ran = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(ran).toBe(false);
  release();
  expect(listeners()).toBe(before + 1);
  releaseOther();
  expect(listeners()).toBe(before);
});
