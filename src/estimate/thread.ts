/** The worker thread of a pipeline in Node. */
import { parentPort } from 'node:worker_threads';
import { LocalPipeline } from './local-pipeline.js';
import { nodePlatform } from './node-platform.js';
import type { PlainOptions } from './remote-pipeline.js';
import { servePipeline } from './serve-pipeline.js';

const port = parentPort!;
const take = servePipeline(
  (options: PlainOptions, onProgress) => LocalPipeline.load(nodePlatform, { ...options, onProgress }),
  (message) => port.postMessage(message),
  // Without a listener on the port the thread ends.
  () => port.close(),
);
port.on('message', (task: Parameters<typeof take>[0]) => void take(task));
