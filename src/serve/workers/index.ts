/** The processes that estimate, behind a bounded queue. */
import { startProcess } from '../../threads/index.js';
import { Pool, type PoolOptions } from './pool.js';
import type { ChildOptions, PictureAnswer, PictureTask } from './protocol.js';

export { RefusalError, type RefusalReason } from './error.js';
export type { Done, Pool, PoolState } from './pool.js';
export { ChildError, type ChildOptions, type PictureAnswer, type PictureTask } from './protocol.js';

/** What the estimating processes offer to the routes. */
export type PicturePool = Pool<ChildOptions, PictureTask, PictureAnswer>;

export function startPicturePool(
  options: Omit<PoolOptions<ChildOptions>, 'start'>,
  env: NodeJS.ProcessEnv,
): Promise<PicturePool> {
  return Pool.start({ ...options, start: () => startProcess('./child', import.meta.url, env) });
}
