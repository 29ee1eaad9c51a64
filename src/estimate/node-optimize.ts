/**
 * What the cache of optimized models keeps of one, made when a model has been loaded from its own file. Loaded only then.
 */
import { readFile } from 'node:fs/promises';
import { type Model, readModel } from '../onnx/index.js';
import { FACE_DETECTOR } from '../registry/index.js';
import { rememberModel } from '../registry/node.js';
import { nameEqualSizes, RUNTIME_VERSION } from '../runtime/node.js';
import { openModel } from './open-model.js';

/** A file that ONNX Runtime has saved, with names for equal sizes. */
export const readOptimized = async (path: string): Promise<Model> =>
  nameEqualSizes(readModel(await readFile(path)));

/**
 * Lets `knownModel` find an optimized model.
 * @param bytes what ONNX Runtime was given of the model
 * @param graph the path of the optimized graph
 */
export const remember = (name: string, bytes: Uint8Array, graph: string): Promise<void> =>
  rememberModel(name, graph, RUNTIME_VERSION, (whole) => {
    const file = { bytes: whole, name, shipped: true };
    const { bytes: given, facts } = name === FACE_DETECTOR ? { bytes: whole, facts: null } : openModel(file);
    return Buffer.compare(given, bytes) === 0 ? facts : undefined;
  });
