/** Age networks in a worker thread (Node only): ONNX Runtime's `run` blocks the thread that calls it. */
import { type PackedError, unpackError } from '../errors/index.js';
import type { Tensor, Tensors } from '../runtime/index.js';
import { type ExitState, exitState, holdExit, startThread } from '../threads/index.js';
import type { AgeSession } from './age-model.js';
import { ERROR_CLASSES } from './error-classes.js';

/** A model whose optimized graph is in the cache. */
export interface CachedModel {
  readonly name: string;
  readonly path: string;
}

/** What the thread is started with. */
export interface AgeThreadData {
  readonly models: readonly CachedModel[];
  /** For one operator. */
  readonly threads: number;
  readonly exit: ExitState;
}

/** Messages to the thread; `end` frees the networks and ends it. */
export type AgeTask =
  | {
      readonly id: number;
      /** The index of the network. */
      readonly model: number;
      /** In shared memory. */
      readonly inputs: Tensors;
      readonly outputs: readonly string[];
    }
  | 'end';

/** Messages from the thread. */
export type AgeAnswer =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'done'; readonly id: number; readonly outputs: Tensors }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PackedError };

interface Pending {
  readonly resolve: (outputs: Tensors) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A session of each model, all in one thread, which ends when all have been disposed of.
 * @throws an error if the thread or a session cannot be made
 */
export async function openAgeThread(models: readonly CachedModel[], threads: number): Promise<AgeSession[]> {
  const exit = exitState();
  const data: AgeThreadData = { models, threads, exit };
  const worker = startThread('./thread-ages', import.meta.url, data);
  const releaseExit = holdExit(exit);
  const memory = new SharedMemory();
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let lost: Error | undefined;
  let onEnd!: () => void;
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  await new Promise<void>((resolve, reject) => {
    worker.on('error', (error) => {
      lost = error as Error;
    });
    worker.once('exit', () => {
      lost ??= new Error("The estimator's thread has ended");
      releaseExit();
      for (const run of pending.values()) run.reject(lost);
      reject(lost);
      onEnd();
    });
    worker.on('message', (answer: AgeAnswer) => {
      if (answer.kind === 'loaded') {
        resolve();
        return;
      }
      const run = pending.get(answer.id)!;
      pending.delete(answer.id);
      if (pending.size === 0) worker.unref();
      if (answer.kind === 'done') run.resolve(answer.outputs);
      else run.reject(unpackError(answer.error, ERROR_CLASSES));
    });
  });
  // A program may exit without disposal, as it may with networks in its own thread.
  worker.unref();
  let open = models.length;
  return models.map((_, model) => ({
    run: async (inputs, outputs) => {
      if (lost !== undefined) throw lost;
      const sent = Object.entries(inputs).map(([name, tensor]) => [name, memory.copy(tensor)] as const);
      const id = nextId++;
      try {
        return await new Promise<Tensors>((resolve, reject) => {
          pending.set(id, { resolve, reject });
          worker.ref();
          worker.postMessage({ id, model, inputs: Object.fromEntries(sent), outputs } satisfies AgeTask);
        });
      } finally {
        for (const [, tensor] of sent) memory.release(tensor);
      }
    },
    dispose: async () => {
      if (--open > 0 || lost !== undefined) return;
      worker.ref();
      worker.postMessage('end' satisfies AgeTask);
      await ended;
    },
  }));
}

/** Memory that threads share, used again for tensors of the same size. */
class SharedMemory {
  private readonly free: Float32Array[] = [];

  /** A copy of a float32 tensor. */
  copy({ data, ...tensor }: Tensor): Tensor {
    const floats = data as Float32Array;
    const place = this.free.findIndex(({ length }) => length >= floats.length);
    const memory =
      place < 0 ? new Float32Array(new SharedArrayBuffer(floats.byteLength)) : this.free.splice(place, 1)[0]!;
    memory.set(floats);
    return { ...tensor, data: memory };
  }

  /** Once nothing reads the copy any more. */
  release({ data }: Tensor): void {
    this.free.push(data as Float32Array);
  }
}
