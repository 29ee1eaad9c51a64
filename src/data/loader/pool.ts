/** The loader's threads: tasks go to the one that has the fewest, and come back as promises. */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../threads/index.js';
import { DataError } from '../types.js';
import type { BatchTask, MadeBatch, NumberedTask, WorkerMessage, WorkerSettings } from './protocol.js';

interface Waiting {
  readonly resolve: (made: MadeBatch) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerPool {
  private nextId = 0;
  private closed = false;

  private constructor(private readonly threads: readonly Thread[]) {}

  /** @throws DataError if a thread cannot open the store. */
  static async start(count: number, settings: WorkerSettings): Promise<WorkerPool> {
    const threads = Array.from({ length: count }, () => new Thread(settings));
    try {
      await Promise.all(threads.map((thread) => thread.ready));
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.stop()));
      throw error;
    }
    return new WorkerPool(threads);
  }

  /** @throws DataError if the batch cannot be made, the thread has ended, or the pool is closed. */
  make(task: BatchTask): Promise<MadeBatch> {
    if (this.closed) return Promise.reject(new DataError('The loader is closed'));
    const thread = this.threads.reduce((least, one) => (one.load < least.load ? one : least));
    return thread.make({ ...task, id: this.nextId++ });
  }

  /** Ends the threads; pending batches fail. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }
}

class Thread {
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private end: Error | undefined;

  constructor(settings: WorkerSettings) {
    this.worker = startThread('./worker', import.meta.url, settings);
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ready') resolve();
        else this.answer(message);
      });
      const fail = (error: Error) => {
        this.end ??= error;
        reject(this.end);
        for (const { reject: refuse } of this.waiting.values()) refuse(this.end);
        this.waiting.clear();
      };
      this.worker.on('error', (error: Error) => fail(new DataError(error.message, { cause: error })));
      this.worker.on('exit', () => fail(new DataError('A thread of the loader has ended')));
    });
  }

  /** The number of unfinished tasks. */
  get load(): number {
    return this.waiting.size;
  }

  make(task: NumberedTask): Promise<MadeBatch> {
    return new Promise((resolve, reject) => {
      if (this.end !== undefined) {
        reject(this.end);
        return;
      }
      this.waiting.set(task.id, { resolve, reject });
      this.worker.postMessage(task, [task.memory]);
    });
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private answer(message: Exclude<WorkerMessage, { kind: 'ready' }>): void {
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === 'made') waiting?.resolve(message.made);
    else waiting?.reject(new DataError(message.message));
  }
}
