/** A pipeline in a worker thread (Node only). */
import type { Transferable } from 'node:worker_threads';
import { disableTelemetry } from '../runtime/telemetry.js';
import { exitState, holdExit, startThread } from '../threads/index.js';
import type { LoadOptions } from './options.js';
import {
  type LineEvents,
  type PipelineAnswer,
  packedBytes,
  plainOptions,
  RemotePipeline,
} from './remote-pipeline.js';

/** As `LocalPipeline.load`, with the same errors. */
export function loadThreadPipeline({ onProgress, ...options }: LoadOptions): Promise<RemotePipeline> {
  return RemotePipeline.load(openThread, plainOptions(options), onProgress);
}

function openThread({ onAnswer, onLost }: LineEvents) {
  disableTelemetry();
  const exiting = exitState();
  const worker = startThread('./thread', import.meta.url, exiting);
  const releaseExit = holdExit(exiting);
  const exit = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      releaseExit();
      onLost(new Error("The estimator's thread has ended"));
      resolve();
    });
  });
  worker.on('error', (error) => onLost(error as Error));
  worker.on('message', (answer: PipelineAnswer) => onAnswer(answer));
  return {
    post: (task: unknown, transfer: readonly object[] = []) =>
      worker.postMessage(task, transfer as Transferable[]),
    pack: packedBytes,
    hold: (busy: boolean) => (busy ? worker.ref() : worker.unref()),
    // Terminating a thread while ONNX Runtime runs in it aborts the process, so the thread is asked to end.
    closed: () => exit,
  };
}
