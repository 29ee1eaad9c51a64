/** Opens a queue for the duration of a command. */
import { JobsQueue } from '../../jobs/index.js';
import type { QueueFlags } from './flags.js';

export async function withQueue<T>(
  { queue: url }: Pick<QueueFlags, 'queue'>,
  use: (queue: JobsQueue) => Promise<T>,
): Promise<T> {
  const queue = await JobsQueue.open(url);
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}
