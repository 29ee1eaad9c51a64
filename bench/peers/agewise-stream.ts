/**
 * The library's stream on bytes that are already in memory, as in a server. The process's argument is the number of threads.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Peer, type PeerFace, serve } from './worker.js';

serve(async (): Promise<Peer> => {
  const threads = Number(process.argv[2]);
  const entry = pathToFileURL(path.resolve('dist/estimate/index.js')).href;
  const { AgeEstimator }: typeof import('../../src/estimate/index.js') = await import(entry);
  const estimator = await AgeEstimator.load({ threads });
  const files = new Map<string, Buffer>();
  return {
    description: `agewise's stream, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    async estimate(given) {
      const pictures: Uint8Array[] = [];
      for (const file of given) {
        if (typeof file !== 'string') {
          pictures.push(file);
          continue;
        }
        let bytes = files.get(file);
        if (bytes === undefined) {
          bytes = await readFile(file);
          files.set(file, bytes);
        }
        pictures.push(bytes);
      }
      const faces: PeerFace[][] = [];
      for await (const result of estimator.stream(pictures)) {
        if ('error' in result) throw result.error;
        faces.push(result.faces.map(({ box, age, gender }) => ({ box, age, gender: gender?.label ?? null })));
      }
      return faces;
    },
  };
});
