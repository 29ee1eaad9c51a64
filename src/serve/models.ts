/** The models that a server estimates with, as it tells of them. */
import { type ModelMetadata, readMetadata } from '../metadata/index.js';
import { AGE_MODEL } from '../registry/index.js';
import { ModelFileError, readModelSource } from '../registry/node.js';

export interface ServedModel {
  readonly name: string;
  /** The document in its file. */
  readonly metadata: ModelMetadata;
}

/**
 * @param models names of models that ship, or paths; empty for the one that is taken by default
 * @throws an error of one sentence where one cannot be read
 */
export function servedModels(models: readonly string[]): Promise<ServedModel[]> {
  return Promise.all(
    (models.length === 0 ? [AGE_MODEL] : models).map(async (given) => {
      const { name, model } = await readModelSource(given);
      if (model === undefined) {
        throw new ModelFileError({
          subject: `Model '${name}'`,
          expected: 'an ONNX model',
          found: 'something else',
        });
      }
      return { name, metadata: readMetadata(model, name) };
    }),
  );
}
