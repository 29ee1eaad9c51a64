/** References to models in jobs, by which each worker loads them. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readNamedModel } from '../../bulk/node.js';
import type { ModelReference } from '../../jobs/index.js';
import { type ModelMetadata, readMetadata } from '../../metadata/index.js';
import { readModel } from '../../onnx/index.js';
import { UsageError } from '../usage.js';

export function modelReferences(names: readonly string[]): Promise<ModelReference[]> {
  return Promise.all(
    names.map(async (name) => {
      const found = await stat(name).catch(() => undefined);
      if (found?.isDirectory()) {
        throw new UsageError(
          `--model: expected a shipped model or an .onnx file, found the folder '${name}'; agewise export makes a model of a run`,
        );
      }
      const { sha256 } = await readNamedModel(name);
      return { name, source: found ? resolve(name) : name, sha256 };
    }),
  );
}

/** @throws MetadataError or OnnxFormatError if a file is not a model of ours */
export function factsOf(models: readonly ModelReference[]): Promise<ModelMetadata[]> {
  return Promise.all(
    models.map(async ({ name, source }) =>
      readMetadata(readModel((await readNamedModel(source)).bytes), name),
    ),
  );
}
