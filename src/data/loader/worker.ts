/** A thread of the loader: opens the store for itself and makes batches, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { StoreUnion } from '../store/index.js';
import { BatchMaker } from './batch-maker.js';
import type { NumberedTask, WorkerMessage, WorkerSettings } from './protocol.js';

const settings = workerData as WorkerSettings;
const port = parentPort!;
const send = (message: WorkerMessage, transfer: readonly ArrayBuffer[] = []) =>
  port.postMessage(message, transfer);

const store = await StoreUnion.open(settings.folders);
const maker = new BatchMaker(store, settings);
let queue = Promise.resolve();

port.on('message', (task: NumberedTask) => {
  queue = queue.then(() => work(task));
});
send({ kind: 'ready' });

async function work(task: NumberedTask): Promise<void> {
  const { id, memory } = task;
  try {
    const made = { memory, ...(await maker.make(task)) };
    send({ kind: 'made', id, made }, [memory]);
  } catch (error) {
    send({ kind: 'failed', id, message: (error as Error).message });
  }
}
