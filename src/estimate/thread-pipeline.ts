/**
 * A pipeline in a worker thread (Node only), which keeps the caller's event loop free: ONNX Runtime's `run` blocks the
 * thread that calls it.
 */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../threads/index.js';
import { FaceEstimate } from './face.js';
import type { FaceData } from './face-data.js';
import { isPixels, type Present } from './inputs.js';
import type { FaceOptions, LoadOptions } from './options.js';
import type { Outcome, PictureOptions, Pipeline } from './pipeline.js';
import { type PackedError, unpackError } from './thread-errors.js';
import type { ProgressEvent } from './types.js';

/** The data a thread is started with. */
export interface ThreadSettings {
  readonly options: Omit<LoadOptions, 'onProgress'>;
}

/** Messages to the thread. */
export type ThreadTask =
  | {
      readonly kind: 'estimate';
      readonly id: number;
      readonly picture: Present;
      readonly name: string;
      readonly options: FaceOptions;
    }
  /** No picture is in progress: free the networks and exit. */
  | { readonly kind: 'end' };

/** Messages from the thread. */
export type ThreadAnswer =
  | { readonly kind: 'progress'; readonly event: ProgressEvent }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'not loaded'; readonly error: PackedError }
  | { readonly kind: 'seen'; readonly id: number }
  | { readonly kind: 'unreadable' | 'failed'; readonly id: number; readonly error: PackedError }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly width: number;
      readonly height: number;
      readonly faces: readonly FaceData[];
    };

/** A picture being processed by the thread. */
interface Pending {
  readonly onSeen: () => void;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

export class ThreadPipeline implements Pipeline {
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private readonly exit: Promise<void>;
  /** Why the thread accepts no more pictures. */
  private end: Error | undefined;

  private constructor(private readonly worker: Worker) {
    this.exit = new Promise((resolve) => {
      worker.once('exit', () => {
        this.fail(new Error("The estimator's thread has ended"));
        resolve();
      });
    });
    worker.on('error', (error) => this.fail(error as Error));
  }

  /** As `LocalPipeline.load`, with the same errors. */
  static async load({ onProgress, ...options }: LoadOptions): Promise<ThreadPipeline> {
    const settings: ThreadSettings = { options: withoutUrls(options) };
    const worker = startThread('./thread', import.meta.url, settings);
    const pipeline = new ThreadPipeline(worker);
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.on('message', (answer: ThreadAnswer) => {
        if (answer.kind === 'progress') onProgress?.(answer.event);
        else if (answer.kind === 'loaded') resolve();
        else if (answer.kind === 'not loaded') reject(unpackError(answer.error));
        else pipeline.take(answer);
      });
    });
    // A program may exit without disposal, as it may with networks in its own thread.
    worker.unref();
    return pipeline;
  }

  estimate(
    picture: Present,
    name: string,
    { signal, ...options }: PictureOptions,
    onSeen: () => void,
  ): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.end !== undefined) throw this.end;
      const { sent, transfer } = copied(picture);
      const id = this.nextId++;
      const task: ThreadTask = { kind: 'estimate', id, picture: sent, name, options };
      this.worker.postMessage(task, transfer);
      this.pending.set(id, { onSeen, resolve, reject });
      this.worker.ref();
    });
  }

  async dispose(): Promise<void> {
    // Terminating a thread while ONNX Runtime runs in it aborts the process, so the thread is asked to end.
    this.worker.ref();
    const task: ThreadTask = { kind: 'end' };
    this.worker.postMessage(task);
    await this.exit;
  }

  private take(answer: Extract<ThreadAnswer, { readonly id: number }>): void {
    const picture = this.pending.get(answer.id);
    if (picture === undefined) return;
    if (answer.kind === 'seen') {
      picture.onSeen();
      return;
    }
    this.pending.delete(answer.id);
    if (this.pending.size === 0) this.worker.unref();
    if (answer.kind === 'done') {
      const { width, height, faces } = answer;
      picture.resolve({ width, height, faces: faces.map((face) => new FaceEstimate(face)) });
    } else if (answer.kind === 'unreadable') picture.resolve({ error: unpackError(answer.error) });
    else picture.reject(unpackError(answer.error));
  }

  private fail(error: Error): void {
    this.end ??= error;
    for (const { onSeen, reject } of this.pending.values()) {
      onSeen();
      reject(this.end);
    }
    this.pending.clear();
  }
}

/** A copy to transfer, of the picture only: cloning a view would copy its whole buffer. */
function copied(picture: Present): { readonly sent: Present; readonly transfer: ArrayBuffer[] } {
  if (typeof picture === 'string') return { sent: picture, transfer: [] };
  if (isPixels(picture)) {
    const { width, height, data, channels } = picture;
    const copy = new Uint8Array(data);
    const sent = { width, height, data: copy, ...(channels !== undefined && { channels }) };
    return { sent, transfer: [copy.buffer] };
  }
  // A Buffer's own `slice` would not copy.
  const copy = new Uint8Array(picture as Uint8Array);
  return { sent: copy, transfer: [copy.buffer] };
}

/** Replaces URL objects by strings, which can be cloned. */
function withoutUrls(options: ThreadSettings['options']): ThreadSettings['options'] {
  const { models } = options;
  if (!Array.isArray(models)) return options;
  const text = <T>(model: T) => (model instanceof URL ? model.href : model);
  return {
    ...options,
    models: models.map((model) =>
      typeof model === 'object' && 'model' in model ? { ...model, model: text(model.model) } : text(model),
    ),
  };
}
