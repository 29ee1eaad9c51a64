/** A model's bytes from the disk. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModelFile } from '../onnx/file.js';
import { type Model, readModel, writeModel } from '../onnx/index.js';
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
    return { ...(await readBytes(path)), name: path === given ? basename(given) : given };
  } catch (error) {
    throw new ModelFileError(await problem(given, error as NodeJS.ErrnoException));
  }
}

/** A model with weights in files beside it is put together: a session is made from bytes alone. */
async function readBytes(path: string): Promise<Pick<ModelSource, 'bytes' | 'model'>> {
  const found = await stat(path);
  // A pipe would be waited for, a device read without end.
  if (!found.isFile() && !found.isDirectory()) throw new Error('it is no file');
  const bytes = await readFile(path);
  const { model, external } = parse(bytes);
  if (external) {
    const whole = await readModelFile(path);
    return { bytes: writeModel(whole), model: whole };
  }
  return { bytes, ...(model && { model }) };
}

/** The model in the bytes, undefined where they hold none, and whether it has weights in other files. */
function parse(bytes: Uint8Array): { readonly model: Model | undefined; readonly external: boolean } {
  let external = false;
  const noWeights = () => {
    external = true;
    return new Uint8Array();
  };
  try {
    return { model: readModel(bytes, { external: noWeights }), external };
  } catch {
    // Whoever loads the model says what is wrong with it.
    return { model: undefined, external };
  }
}

async function problem(model: string, error: NodeJS.ErrnoException): Promise<string> {
  if (error.code === 'EISDIR') return `Model '${model}' is a folder, an .onnx file is expected`;
  if (error.code === 'EACCES') return `Model '${model}' cannot be read: permission denied`;
  if (error.code !== 'ENOENT') return `Model '${model}' cannot be read: ${error.message}`;
  const names = (await shippedModels()).filter((m) => m.metadata).map((m) => `'${m.name}'`);
  return `Model '${model}' is neither a file nor a model that ships (${names.join(', ')})`;
}
