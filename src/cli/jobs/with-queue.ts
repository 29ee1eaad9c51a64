/** Opens a queue for the duration of a command. */
import { JobsQueue, refusal } from '../../jobs/index.js';
import type { QueueFlags } from './flags.js';

export async function withQueue<T>(
  { queue: url }: Pick<QueueFlags, 'queue'>,
  use: (queue: JobsQueue) => Promise<T>,
): Promise<T> {
  const queue = await JobsQueue.open(url);
  try {
    return await use(queue);
  } catch (error) {
    throw refusal(url, error) ?? error;
  } finally {
    await queue.close();
  }
}
