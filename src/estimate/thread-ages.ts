/** The thread of age networks (Node only): `openAgeThread` starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from '../errors/index.js';
import { floatTensor, type Session, type Tensors } from '../runtime/index.js';
import { openSession } from '../runtime/node.js';
import { guarded } from '../threads/index.js';
import type { AgeAnswer, AgeTask, AgeThreadData } from './threaded-ages.js';

const port = parentPort!;
const { models, threads, exit } = workerData as AgeThreadData;
const answer = (message: AgeAnswer) => port.postMessage(message);

const sessions: Session[] = [];
for (const { path, name } of models) {
  sessions.push(await guarded(exit, () => openSession(path, name, { threads, optimize: false })));
}

/** ONNX Runtime reads no shared memory. */
let memory = new Float32Array();
function own(inputs: Tensors): Tensors {
  const [[name, { data, dims }]] = Object.entries(inputs) as [[string, Tensors[string]]];
  const size = dims.reduce((product, side) => product * side, 1);
  if (memory.length < size) memory = new Float32Array(size);
  memory.set((data as Float32Array).subarray(0, size));
  return { [name]: floatTensor(memory.subarray(0, size), dims) };
}

async function take(task: AgeTask): Promise<void> {
  if (task === 'end') {
    for (const session of sessions) await session.dispose();
    // Without a listener on the port the thread ends.
    port.close();
    return;
  }
  const { id, model, inputs, outputs } = task;
  try {
    const found = await guarded(exit, () => sessions[model]!.run(own(inputs), outputs));
    const plain = Object.entries(found).map(([name, { type, dims, data }]) => [name, { type, dims, data }]);
    answer({ kind: 'done', id, outputs: Object.fromEntries(plain) });
  } catch (error) {
    answer({ kind: 'failed', id, error: packError(error) });
  }
}

let work = Promise.resolve();
port.on('message', (task: AgeTask) => {
  work = work.then(() => take(task));
});
answer({ kind: 'loaded' });
