/** Timing of rivals side by side. */

/** Something to be timed: runs once and returns when it is done. */
export type Contender = () => Promise<unknown>;

/**
 * Milliseconds of each contender in each round. The contenders take turns (A B C, A B C, ...), so that what
 * slows the machine for a while slows all of them; the warm-up rounds are run and forgotten.
 */
export async function timeInterleaved<K extends string>(
  contenders: Readonly<Record<K, Contender>>,
  { warmup, rounds }: { warmup: number; rounds: number },
): Promise<Record<K, number[]>> {
  const names = Object.keys(contenders) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < warmup + rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      await contenders[name]();
      if (round >= warmup) times[name].push(performance.now() - start);
    }
  }
  return times;
}
