/**
 * Agewise as a user has it: the built package, from file to estimate. The process's arguments are the number of threads
 * and, if wanted, the path of an age model instead of what ships.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImageEstimate, ImageFailure } from '../../src/estimate/index.js';
import { recordExecutions, timeExecutions } from './executions.js';
import { type Peer, type PeerFace, serve } from './worker.js';

serve(async (): Promise<Peer> => {
  const threads = Number(process.argv[2]);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new Error(`the number of threads is a positive integer, not "${process.argv[2]}"`);
  }
  const entry = pathToFileURL(path.resolve('dist/estimate/index.js')).href;
  const { AgeEstimator }: typeof import('../../src/estimate/index.js') = await import(entry);
  const model = process.argv[3];
  const estimator = await AgeEstimator.load({ threads, ...(model !== undefined && { models: [model] }) });
  return {
    description: `agewise on ONNX Runtime, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    estimate: async (files) => (await estimator.estimate(files)).map(readFaces),
    floor: async (files) => timeExecutions(await recordExecutions(() => estimator.estimate(files))),
  };
});

function readFaces(result: ImageEstimate | ImageFailure): PeerFace[] {
  if ('error' in result) throw result.error;
  return result.faces.map(({ box, age, gender }) => ({ box, age, gender: gender?.label ?? null }));
}
