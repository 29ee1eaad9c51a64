/** A model's bytes from the disk. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModelFile } from '../onnx/file.js';
import { readModel, writeModel } from '../onnx/index.js';
import { shippedModelPath, shippedModels } from './shipped.js';
import type { ModelSource } from './types.js';

/** Thrown where a model's file is missing or cannot be read. */
export class ModelFileError extends Error {
  override name = 'ModelFileError';
}

/**
 * The bytes of a model that ships, by its name, or of any other file, by its path.
 * @throws ModelFileError in one sentence that names it
 */
export async function readModelSource(model: string | URL): Promise<ModelSource> {
  const given = model instanceof URL ? fileURLToPath(model) : model;
  const path = (await shippedModelPath(given)) ?? given;
  try {
    return { bytes: await modelBytes(path), name: path === given ? basename(given) : given };
  } catch (error) {
    throw new ModelFileError(await problem(given, error as NodeJS.ErrnoException));
  }
}

/** A model with weights in files beside it is put together: a session is made from bytes alone. */
async function modelBytes(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  // A pipe would be waited for, a device read without end.
  if (!found.isFile() && !found.isDirectory()) throw new Error('it is no file');
  const bytes = await readFile(path);
  return hasExternalData(bytes) ? writeModel(await readModelFile(path)) : bytes;
}

function hasExternalData(bytes: Uint8Array): boolean {
  let found = false;
  const external = () => {
    found = true;
    return new Uint8Array();
  };
  try {
    readModel(bytes, { external });
  } catch {
    // Whoever loads the model says what is wrong with it.
  }
  return found;
}

async function problem(model: string, error: NodeJS.ErrnoException): Promise<string> {
  if (error.code === 'EISDIR') return `Model '${model}' is a folder, an .onnx file is expected`;
  if (error.code === 'EACCES') return `Model '${model}' cannot be read: permission denied`;
  if (error.code !== 'ENOENT') return `Model '${model}' cannot be read: ${error.message}`;
  const names = (await shippedModels()).filter((m) => m.metadata).map((m) => `'${m.name}'`);
  return `Model '${model}' is neither a file nor a model that ships (${names.join(', ')})`;
}
