/** Timing of rivals side by side. */
import { setTimeout } from 'node:timers/promises';

/** Something to be timed: runs once and returns when it is done. */
export type Contender = () => Promise<unknown>;

/** Thread pools of ONNX Runtime go on spinning after a run: the next contender waits until they sleep. */
const PAUSE_MILLISECONDS = 30;

/**
 * Milliseconds of each contender in each round. The contenders take turns (A B C, C B A, ...), so that disturbances affect
 * all of them and none always follows the same rival. Warm-up rounds are discarded.
 */
export async function timeInterleaved<K extends string>(
  contenders: Readonly<Record<K, Contender>>,
  { warmup, rounds }: { warmup: number; rounds: number },
): Promise<Record<K, number[]>> {
  const names = Object.keys(contenders) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < warmup + rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      await setTimeout(PAUSE_MILLISECONDS);
      const start = performance.now();
      await contenders[name]();
      if (round >= warmup) times[name].push(performance.now() - start);
    }
  }
  return times;
}
