/** The thread of a `ThreadPipeline`: runs a pipeline and answers its messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { LocalPipeline } from './local-pipeline.js';
import { nodePlatform } from './node-platform.js';
import { packError } from './thread-errors.js';
import type { ThreadAnswer, ThreadSettings, ThreadTask } from './thread-pipeline.js';

const port = parentPort!;
const answer = (message: ThreadAnswer) => port.postMessage(message);

const { options } = workerData as ThreadSettings;
try {
  const pipeline = await LocalPipeline.load(nodePlatform, {
    ...options,
    onProgress: (event) => answer({ kind: 'progress', event }),
  });
  port.on(
    'message',
    (task: ThreadTask) => void (task.kind === 'end' ? end(pipeline) : estimate(pipeline, task)),
  );
  answer({ kind: 'loaded' });
} catch (error) {
  answer({ kind: 'not loaded', error: packError(error) });
}

async function estimate(
  pipeline: LocalPipeline,
  { id, picture, name, options: faces }: Extract<ThreadTask, { readonly kind: 'estimate' }>,
): Promise<void> {
  try {
    const outcome = await pipeline.estimate(picture, name, faces, () => answer({ kind: 'seen', id }));
    answer(
      'error' in outcome
        ? { kind: 'unreadable', id, error: packError(outcome.error) }
        : { kind: 'done', id, ...outcome },
    );
  } catch (error) {
    answer({ kind: 'failed', id, error: packError(error) });
  }
}

/** Without a listener on the port the thread ends. */
async function end(pipeline: LocalPipeline): Promise<void> {
  await pipeline.dispose();
  port.close();
}
