/** A page's connection to its worker. */
import { RuntimeError } from '../runtime/index.js';
import { workerAddress } from '../runtime/web.js';
import { ImageError } from '../vision/index.js';
import { bitmapOf, isCloneable, isWebImage } from '../vision/web.js';
import { type Line, type LineEvents, type PipelineAnswer, packedBytes } from './remote-pipeline.js';

const NAME = 'agewise';

export interface WorkerOptions {
  /** The absolute URL of the worker's script; default the package's own. */
  readonly script: string | undefined;
  /** The most pixels that a picture may have. */
  readonly maxPixels: number | undefined;
}

export function openWorker({ script, maxPixels }: WorkerOptions, { onAnswer, onLost }: LineEvents): Line {
  const worker =
    script === undefined
      ? // Bundlers recognize exactly this form.
        new Worker(new URL('../browser/worker.js', import.meta.url), { type: 'module', name: NAME })
      : new Worker(workerAddress(script), { type: 'module', name: NAME });
  let answered = false;
  let end: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const lose = (problem: string) => {
    worker.terminate();
    onLost(new RuntimeError({ subject: "The estimator's worker", problem }, { kind: 'failed' }));
    end();
  };
  worker.onerror = ({ message }) => {
    const reason = message ? ` (${message})` : '';
    const from = script ?? 'the script beside that of the page';
    lose(
      answered
        ? `it has failed${reason}`
        : `it cannot be started from ${from}${reason}; workerUrl names the package's dist/browser/worker.js`,
    );
  };
  worker.onmessage = ({ data }: MessageEvent<PipelineAnswer>) => {
    answered = true;
    if (data.kind === 'ended') {
      worker.terminate();
      end();
    } else onAnswer(data);
  };
  return {
    post(task, transfer = []) {
      try {
        worker.postMessage(task, transfer as Transferable[]);
      } catch (error) {
        if ((error as Error).name !== 'DataCloneError' || task.kind !== 'estimate') throw error;
        const found = (error as Error).message;
        throw new ImageError(task.name, 'a picture whose pixels can be read', found, { cause: error });
      }
    },
    async pack(picture, name) {
      if (typeof picture !== 'object' || !isWebImage(picture)) return packedBytes(picture);
      if (isCloneable(picture)) return { sent: picture, transfer: [] };
      const sent = await bitmapOf(picture, name, maxPixels);
      return { sent, transfer: [sent] };
    },
    hold() {},
    closed: () => ended,
  };
}
