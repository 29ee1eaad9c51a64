/** Models as commands that measure them take them: a shipped model, an .onnx file, or a run, which becomes one. */
import { stat } from 'node:fs/promises';
import { type NamedModel, namedModel, readNamedModel } from '../bulk/node.js';
import { writeModel } from '../onnx/index.js';
import { exportRuns, runFolders } from '../train/index.js';

/** Each model by its name; an ensemble's folder gives one for each member. */
export async function readModels(given: readonly string[]): Promise<NamedModel[]> {
  const models: NamedModel[] = [];
  for (const name of given) {
    if ((await stat(name).catch(() => undefined))?.isDirectory()) {
      for (const folder of await runFolders(name)) {
        const { model } = await exportRuns([folder]);
        models.push(namedModel(folder, writeModel(model)));
      }
    } else models.push(await readNamedModel(name));
  }
  return models;
}
