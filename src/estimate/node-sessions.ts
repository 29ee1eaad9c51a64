/** Sessions in Node; those of shipped models are made from cached copies that ONNX Runtime has optimized already. */
import { setTimeout } from 'node:timers/promises';
import { knownModel, type OptimizedFile, optimizedFile } from '../registry/node.js';
import type { CreateSession, Session, SessionOptions } from '../runtime/index.js';
import { openSession, RUNTIME_VERSION, createSession as uncached } from '../runtime/node.js';
import type { ReadyModel } from './face-networks.js';

/** How long the copy waits on the disk in the form that ONNX Runtime gave it, so that a first estimate need not share the processor. */
const PAUSE_MILLISECONDS = 500;

export const createSession: CreateSession = async (bytes, model, options = {}) => {
  const { device = 'cpu' } = options;
  const file = device === 'cpu' ? await optimizedFile(model, bytes, RUNTIME_VERSION) : undefined;
  if (!file) return uncached(bytes, model, options);
  if (file.found) {
    try {
      const session = await openOptimized(file.path, model, options);
      remember(model, bytes, file).catch(() => {});
      return session;
    } catch {
      // A damaged file is written again.
    }
  }
  try {
    return await new Promise<Session>((resolve, reject) => {
      // The session is ready before the file is safe on the disk.
      const make = async (saveOptimized: string) => {
        resolve(await uncached(bytes, model, { ...options, saveOptimized }));
        await setTimeout(PAUSE_MILLISECONDS);
        return (await import('./node-optimize.js')).readOptimized(saveOptimized);
      };
      file
        .save(make)
        .then(() => remember(model, bytes, file))
        .catch(reject);
    });
  } catch {
    return uncached(bytes, model, options);
  }
};

/**
 * A shipped model that has been loaded from its file before, without reading that file again; undefined if there is no
 * optimized copy of it.
 */
export async function readyModel(name: string, options: SessionOptions): Promise<ReadyModel | undefined> {
  const { device = 'cpu' } = options;
  const known = device === 'cpu' ? await knownModel(name, RUNTIME_VERSION) : undefined;
  if (!known) return undefined;
  try {
    const session = await openOptimized(known.path, name, options);
    return { session, facts: known.facts as ReadyModel['facts'] };
  } catch {
    // Of a damaged file, which loading the model writes again.
    return undefined;
  }
}

const openOptimized = (path: string, model: string, options: SessionOptions) =>
  openSession(path, model, { ...options, optimize: false });

/** Makes the model known, so that it is ready next time. */
async function remember(name: string, bytes: Uint8Array, { path }: OptimizedFile): Promise<void> {
  if (await knownModel(name, RUNTIME_VERSION)) return;
  await (await import('./node-optimize.js')).remember(name, bytes, path);
}
