/** Sessions in Node; those of shipped models are made from cached copies that ONNX Runtime has optimized already. */
import { readFile, writeFile } from 'node:fs/promises';
import { readModel, writeModel } from '../onnx/index.js';
import { optimizedFile } from '../registry/node.js';
import type { CreateSession, Session } from '../runtime/index.js';
import { nameEqualSizes, RUNTIME_VERSION, createSession as uncached } from '../runtime/node.js';

export const createSession: CreateSession = async (bytes, model, options = {}) => {
  const { device = 'cpu' } = options;
  const file = device === 'cpu' ? await optimizedFile(model, bytes, RUNTIME_VERSION) : undefined;
  if (!file) return uncached(bytes, model, options);
  try {
    if (file.bytes) return await uncached(file.bytes, model, { ...options, optimize: false });
  } catch {
    // A damaged file is written again.
  }
  try {
    return await new Promise<Session>((resolve, reject) => {
      // The session is ready before the file is safe on the disk.
      const write = async (saveOptimized: string) => {
        resolve(await uncached(bytes, model, { ...options, saveOptimized }));
        const optimized = readModel(await readFile(saveOptimized));
        const named = nameEqualSizes(optimized);
        if (named !== optimized) await writeFile(saveOptimized, writeModel(named));
      };
      file.save(write).catch(reject);
    });
  } catch {
    return uncached(bytes, model, options);
  }
};
