/** Runs a pipeline for a `RemotePipeline` in another thread and answers its messages. */
import { packError } from '../errors/index.js';
import type { Pipeline } from './pipeline.js';
import type { PipelineAnswer, PipelineTask } from './remote-pipeline.js';
import type { OnProgress } from './types.js';

/**
 * @param load makes the pipeline
 * @param answer sends a message
 * @param end called after the pipeline was disposed of or could not be loaded
 * @returns a function to call with each message received
 */
export function servePipeline<Settings>(
  load: (settings: Settings, onProgress: OnProgress) => Promise<Pipeline>,
  answer: (message: PipelineAnswer) => void,
  end: () => void,
): (task: PipelineTask<Settings>) => Promise<void> {
  let pipeline: Pipeline;
  return async (task) => {
    switch (task.kind) {
      case 'load':
        try {
          pipeline = await load(task.settings, (event) => answer({ kind: 'progress', event }));
          answer({ kind: 'loaded' });
        } catch (error) {
          answer({ kind: 'not loaded', error: packError(error) });
          end();
        }
        return;
      case 'estimate':
        answer(await estimated(pipeline, task, answer));
        return;
      case 'end':
        await pipeline.dispose();
        answer({ kind: 'ended' });
        end();
    }
  };
}

async function estimated(
  pipeline: Pipeline,
  { id, picture, name, options }: Extract<PipelineTask, { readonly kind: 'estimate' }>,
  answer: (message: PipelineAnswer) => void,
): Promise<PipelineAnswer> {
  try {
    const outcome = await pipeline.estimate(picture, name, options, () => answer({ kind: 'seen', id }));
    return 'error' in outcome
      ? { kind: 'unreadable', id, error: packError(outcome.error) }
      : { kind: 'done', id, ...outcome };
  } catch (error) {
    return { kind: 'failed', id, error: packError(error) };
  }
}
