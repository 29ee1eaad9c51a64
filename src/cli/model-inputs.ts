/** Models as commands that measure them take them: a shipped model, an .onnx file, or a run, which becomes one. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { writeModel } from '../onnx/index.js';
import { readModelSource } from '../registry/node.js';
import { exportRuns, runFolders } from '../train/index.js';

export interface NamedModel {
  /** As the user named it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The hash of the bytes. */
  readonly sha256: string;
}

/** Each model by its name; an ensemble's folder gives one for each member. */
export async function readModels(given: readonly string[]): Promise<NamedModel[]> {
  const models: NamedModel[] = [];
  for (const name of given) {
    if ((await stat(name).catch(() => undefined))?.isDirectory()) {
      for (const folder of await runFolders(name)) {
        const { model } = await exportRuns([folder]);
        models.push(named(folder, writeModel(model)));
      }
    } else models.push(named(name, (await readModelSource(name)).bytes));
  }
  return models;
}

const named = (name: string, bytes: Uint8Array): NamedModel => ({
  name,
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
