/** The child processes that estimate, behind a bounded queue. */
import { startProcess } from '../../threads/index.js';
import { type Done, Pool, type PoolOptions } from './pool.js';
import type { AnswerOf, ChildAnswer, ChildOptions, ChildTask } from './protocol.js';

export { RefusalError, type RefusalReason } from './error.js';
export type { Done, Pool } from './pool.js';
export * from './protocol.js';

/** The pool as routes see it, with an answer type for each task type. */
export interface EstimatingPool
  extends Pick<Pool<ChildOptions, ChildTask, ChildAnswer>, 'state' | 'memory' | 'pids' | 'close'> {
  run<T extends ChildTask>(tasks: readonly T[], signal?: AbortSignal): Promise<Done<AnswerOf<T>>>[];
}

export async function startEstimatingPool(
  options: Omit<PoolOptions<ChildOptions>, 'start'>,
  env: NodeJS.ProcessEnv,
): Promise<EstimatingPool> {
  const start = () => startProcess('./child', import.meta.url, env);
  return (await Pool.start<ChildOptions, ChildTask, ChildAnswer>({
    ...options,
    start,
  })) as unknown as EstimatingPool;
}
