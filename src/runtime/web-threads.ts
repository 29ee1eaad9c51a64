/**
 * Measures how many threads run a network fastest at the moment. The number of cores does not show it: on busy cores two threads
 * are slower than one, because each operator of a network ends only when the last thread has done its share. The measurement
 * does the same briefly: small shares of work with a barrier after each.
 */

/** The name of a worker that takes part in the measurement. */
const PROBE = 'agewise-thread-probe';

/** More threads gain next to nothing with such small networks. */
const MOST_THREADS = 4;
/** The share of the time of fewer threads that more threads may take at most: each costs memory, and other programs' time. */
const WORTHWHILE = 0.85;
/** Barriers in one measurement, about as many as a network has operators, and the number of measurements. */
const ROUNDS = 60;
const REPEATS = 3;
/** Milliseconds of work between two barriers, on one thread, as in an operator. */
const ROUND_TIME = 0.4;
/** Checks of a barrier before a thread sleeps. */
const SPINS = 2000;
/** Milliseconds to wait for workers to start; then one thread is used. */
const START_LIMIT = 1500;

/** Cells of the shared memory: threads arrived at the barrier, units of work, and the current round of each worker. */
const ARRIVED = 0;
const SHARE = 1;
const FIRST_ROUND = 2;
const END = -1;

export interface ProbeOptions {
  /** Starts a worker with that name, whose script calls `serveThreadProbe` if `isThreadProbe()`. */
  startWorker(name: string): Worker;
  /** The most threads to try; default the number of cores. */
  readonly most?: number;
}

/** @returns 1 if threads cannot share memory, for which a page must be cross-origin isolated */
export async function fastestThreads({
  startWorker,
  most = globalThis.navigator.hardwareConcurrency,
}: ProbeOptions): Promise<number> {
  const limit = Math.min(most, MOST_THREADS);
  if (!globalThis.crossOriginIsolated || !(limit > 1)) return 1;
  const cells = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (FIRST_ROUND + limit)));
  const workers = Array.from({ length: limit - 1 }, () => startWorker(PROBE));
  try {
    const ready = workers.map(
      (worker, index) =>
        new Promise<boolean>((resolve) => {
          worker.onmessage = () => resolve(true);
          worker.onerror = () => resolve(false);
          setTimeout(() => resolve(false), START_LIMIT);
          worker.postMessage({ cells, index });
        }),
    );
    if ((await Promise.all(ready)).includes(false)) return 1;
    return chooseThreads(limit, (threads) => roundTime(cells, threads));
  } finally {
    for (let i = 0; i < workers.length; i++) release(cells, i, END);
    for (const worker of workers) worker.terminate();
  }
}

/**
 * The number of threads to use: 1, 2, 4, …, each only if it is clearly faster than fewer.
 * @param time milliseconds that fixed work takes on a number of threads
 */
function chooseThreads(limit: number, time: (threads: number) => number): number {
  let best = { threads: 1, time: time(1) };
  for (let threads = 2; threads <= limit; threads *= 2) {
    const found = time(threads);
    if (found < WORTHWHILE * best.time) best = { threads, time: found };
  }
  return best.threads;
}

/** Milliseconds for `ROUNDS` rounds of work shared by a number of threads: a median. */
function roundTime(cells: Int32Array, threads: number): number {
  const share = Math.round(unitsOf(ROUND_TIME) / threads);
  const times = Array.from({ length: REPEATS }, () => {
    const start = performance.now();
    for (let round = 1; round <= ROUNDS; round++) {
      Atomics.store(cells, ARRIVED, 0);
      Atomics.store(cells, SHARE, share);
      for (let i = 0; i < threads - 1; i++) release(cells, i, Atomics.load(cells, FIRST_ROUND + i) + 1);
      work(share);
      while (Atomics.load(cells, ARRIVED) < threads - 1);
    }
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[REPEATS >> 1]!;
}

function release(cells: Int32Array, index: number, round: number): void {
  Atomics.store(cells, FIRST_ROUND + index, round);
  Atomics.notify(cells, FIRST_ROUND + index);
}

/** The units of work that one thread does in some milliseconds. */
function unitsOf(milliseconds: number): number {
  unitRate ??= measureRate();
  return Math.max(1, Math.round(milliseconds * unitRate));
}

let unitRate: number | undefined;

function measureRate(): number {
  const units = 2000;
  work(units);
  const start = performance.now();
  work(units);
  return units / Math.max(performance.now() - start, 0.01);
}

const numbers = new Float32Array(256).fill(1);

function work(units: number): void {
  for (let unit = 0; unit < units; unit++) {
    for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i]! * 0.999 + 0.001;
  }
}

/** Whether this worker was started for a measurement. */
export const isThreadProbe = (): boolean => (globalThis as { name?: unknown }).name === PROBE;

/** Takes part in a measurement until it ends. */
export function serveThreadProbe(): void {
  globalThis.onmessage = ({ data }: MessageEvent<{ cells: Int32Array; index: number }>) => {
    const { cells, index } = data;
    globalThis.postMessage('ready');
    const cell = FIRST_ROUND + index;
    for (let seen = 0; ; ) {
      for (let spins = 0; Atomics.load(cells, cell) === seen; spins++) {
        if (spins > SPINS) Atomics.wait(cells, cell, seen);
      }
      seen = Atomics.load(cells, cell);
      if (seen === END) return;
      work(Atomics.load(cells, SHARE));
      Atomics.add(cells, ARRIVED, 1);
    }
  };
}
