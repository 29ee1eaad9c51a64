/** The worker of a training in a browser, bundled into dist/browser/train-worker.js as one file. */
import { AgewiseError } from '../errors/index.js';
import { isThreadProbe, serveThreadProbe } from '../runtime/web.js';
import type { HeadEpoch, HeadOptions } from './heads/index.js';
import { type SentPicture, type TrainerSettings, WebTrainer } from './web-trainer.js';

/** Messages to the worker. Each but `stop` is answered before the next is sent. */
export type TrainerTask =
  | { readonly kind: 'load'; readonly settings: TrainerSettings }
  | { readonly kind: 'add'; readonly picture: SentPicture; readonly name: string; readonly age: number }
  | { readonly kind: 'train'; readonly options: HeadOptions & { readonly validationShare: number } }
  | { readonly kind: 'stop' };

/** Messages from the worker. */
export type TrainerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string; readonly expected: boolean }
  | { readonly kind: 'epoch'; readonly record: HeadEpoch }
  | {
      readonly kind: 'trained';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly epoch: number;
      readonly history: readonly HeadEpoch[];
    };

if (isThreadProbe()) serveThreadProbe();
else {
  let trainer: WebTrainer;
  let stopped = false;
  const answer = (message: TrainerAnswer) => globalThis.postMessage(message);
  const perform = async (task: Exclude<TrainerTask, { kind: 'stop' }>): Promise<TrainerAnswer> => {
    if (task.kind === 'load') {
      trainer = await WebTrainer.load(task.settings);
      return { kind: 'ready' };
    }
    if (task.kind === 'add') {
      try {
        await trainer.add(task.picture, task.name, task.age);
      } finally {
        // This worker's own copy of a bitmap or a video's frame.
        if ('close' in task.picture) task.picture.close();
      }
      return { kind: 'ready' };
    }
    const trained = await trainer.train(task.options, async (record) => {
      answer({ kind: 'epoch', record });
      // Lets a message that asks to stop arrive.
      await new Promise((resolve) => setTimeout(resolve));
      return !stopped;
    });
    return { kind: 'trained', ...trained };
  };
  globalThis.onmessage = async ({ data: task }: MessageEvent<TrainerTask>) => {
    if (task.kind === 'stop') {
      stopped = true;
      return;
    }
    try {
      answer(await perform(task));
    } catch (error) {
      const { message } = error as Error;
      const expected = error instanceof AgewiseError || error instanceof RangeError;
      answer({ kind: 'failed', message, expected });
    }
  };
}
