/** Reads a model's bytes from the disk. */

import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AgewiseError, maskAddress } from '../errors/index.js';
import { isAddress, isMissing, NOT_DOWNLOADED, notAFile, pathOf, reasonOf } from '../files/index.js';
import { suggestion } from '../names/index.js';
import type { Model } from '../onnx/index.js';
import { ModelFileError } from './error.js';
import { shippedModels } from './shipped.js';
import { shippedModelPath } from './shipped-path.js';
import type { ModelSource } from './types.js';

/**
 * The bytes of a shipped model, by its name, or of any other file, by its path.
 * @throws ModelFileError in one sentence that names it
 */
export async function readModelSource(model: string | URL): Promise<ModelSource> {
  const given = pathOf(String(model));
  if (isAddress(given)) {
    const subject = `Model '${maskAddress(given)}'`;
    throw new ModelFileError({ subject, expected: 'an .onnx file', found: NOT_DOWNLOADED });
  }
  const path = (await shippedModelPath(given)) ?? given;
  try {
    // A shipped model is one file.
    if (path !== given) return { bytes: await readFile(path), name: given, shipped: true };
    return { ...(await readWhole(path)), name: basename(given), shipped: false };
  } catch (error) {
    if (isMissing(error)) throw await unknownModel(given, error);
    if (error instanceof AgewiseError) throw error;
    const problem = `it cannot be read: ${reasonOf(error)}`;
    throw new ModelFileError({ subject: `Model '${given}'`, problem }, { cause: error });
  }
}

/** External weights are merged into the model, since a session is made from bytes alone. */
async function readWhole(path: string): Promise<Pick<ModelSource, 'bytes' | 'model'>> {
  const found = notAFile(await stat(path));
  if (found !== undefined)
    throw new ModelFileError({ subject: `Model '${path}'`, expected: 'an .onnx file', found });
  const bytes = await readFile(path);
  // Loaded only if needed: shipped models are not looked into here.
  const { readModel, writeModel } = await import('../onnx/index.js');
  const { model, external } = parse(bytes, readModel);
  if (external) {
    const { readModelFile } = await import('../onnx/file.js');
    const whole = await readModelFile(path);
    return { bytes: writeModel(whole), model: whole };
  }
  return { bytes, ...(model && { model }) };
}

/** The model in the bytes, undefined if they hold none, and whether it has weights in other files. */
function parse(
  bytes: Uint8Array,
  readModel: typeof import('../onnx/index.js').readModel,
): { readonly model: Model | undefined; readonly external: boolean } {
  let external = false;
  const noWeights = () => {
    external = true;
    return new Uint8Array();
  };
  try {
    return { model: readModel(bytes, { external: noWeights }), external };
  } catch {
    // Loading the model will report what is wrong with it.
    return { model: undefined, external };
  }
}

async function unknownModel(model: string, cause: unknown): Promise<ModelFileError> {
  const names = (await shippedModels()).filter((m) => m.metadata).map((m) => m.name);
  const shipped = names.map((name) => `'${name}'`).join(', ');
  return new ModelFileError(
    `Model '${model}' is neither a file nor a shipped model (${shipped})${suggestion(model, names)}`,
    { kind: 'missing', cause },
  );
}
