/** Batches made in the calling thread, for what is too small to be worth a thread. */
import { DataError } from '../types.js';
import { BatchMaker, type PictureSource } from './batch-maker.js';
import type { BatchTask, MadeBatch, WorkerSettings } from './protocol.js';

export class LocalPool {
  private readonly maker: BatchMaker;
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(source: PictureSource, settings: WorkerSettings) {
    this.maker = new BatchMaker(source, settings);
  }

  /** @throws DataError if the batch cannot be made, or the pool is closed. */
  make(task: BatchTask): Promise<MadeBatch> {
    // As with a thread: other references to the memory become empty.
    const memory = structuredClone(task.memory, { transfer: [task.memory] });
    const made = this.queue.then(async () => {
      if (this.closed) throw new DataError('The loader is closed');
      return { memory, ...(await this.maker.make({ ...task, memory })) };
    });
    this.queue = made.catch(() => {});
    return made;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.queue;
  }
}
