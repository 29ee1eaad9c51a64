/**
 * Lets a process exit whenever it wants to, though a thread may be running native code, which must not be interrupted: the
 * exit waits for the end of that run, and the thread begins no other.
 */

/** In shared memory: how many runs of native code are in progress, and whether the process is about to exit. */
const RUNS = 0;
const EXITING = 1;

export type ExitState = Int32Array<SharedArrayBuffer>;

/** Memory to pass to a thread that uses `guarded`. */
export const exitState = (): ExitState => new Int32Array(new SharedArrayBuffer(8));

/** Of all threads for which this process's exit waits: one listener for all, since Node warns of more than ten. */
const held = new Set<ExitState>();

/**
 * In the process's main thread: makes its exit wait.
 * @returns a function that ends this, for when the thread has ended
 */
export function holdExit(state: ExitState): () => void {
  if (held.size === 0) process.on('exit', waitForAll);
  held.add(state);
  return () => {
    held.delete(state);
    if (held.size === 0) process.off('exit', waitForAll);
  };
}

function waitForAll(): void {
  for (const state of held) Atomics.store(state, EXITING, 1);
  for (const state of held) {
    for (let runs = Atomics.load(state, RUNS); runs > 0; runs = Atomics.load(state, RUNS)) {
      Atomics.wait(state, RUNS, runs);
    }
  }
}

/** In the thread: runs native code; once the process is about to exit, the promise stays pending. */
export async function guarded<T>(state: ExitState, run: () => Promise<T>): Promise<T> {
  Atomics.add(state, RUNS, 1);
  try {
    if (Atomics.load(state, EXITING) === 0) return await run();
  } finally {
    Atomics.sub(state, RUNS, 1);
    Atomics.notify(state, RUNS);
  }
  return new Promise<never>(() => {});
}
