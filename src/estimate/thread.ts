/** The worker thread of a pipeline in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ExitState } from '../threads/index.js';
import { guardedPlatform } from './guarded-platform.js';
import { LocalPipeline } from './local-pipeline.js';
import type { PlainOptions } from './remote-pipeline.js';
import { servePipeline } from './serve-pipeline.js';

const port = parentPort!;
const platform = guardedPlatform(workerData as ExitState);
const take = servePipeline(
  (options: PlainOptions, onProgress) => LocalPipeline.load(platform, { ...options, onProgress }),
  (message) => port.postMessage(message),
  // Without a listener on the port the thread ends.
  () => port.close(),
);
port.on('message', (task: Parameters<typeof take>[0]) => void take(task));
