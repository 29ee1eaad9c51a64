/** The models that a server estimates with, as it tells of them. */
import { type ModelMetadata, readMetadata } from '../metadata/index.js';
import type { Model } from '../onnx/index.js';
import { AGE_MODEL } from '../registry/index.js';
import { ModelFileError, readModelSource } from '../registry/node.js';
import type { Settings } from './about.js';
import type { Signature } from './inference/index.js';

export interface ServedModel {
  /** Unlike that of any other. */
  readonly name: string;
  /** The document in its file. */
  readonly metadata: ModelMetadata;
  /** Its network as tensors. */
  readonly signature: Signature;
}

/**
 * @throws an error of one sentence where one cannot be read
 */
export async function servedModels({
  models,
  gender,
}: Pick<Settings, 'models' | 'gender'>): Promise<ServedModel[]> {
  const served = await Promise.all(
    (models.length === 0 ? [AGE_MODEL] : models).map(async (given) => {
      const { name, model } = await readModelSource(given);
      if (model === undefined) {
        throw new ModelFileError({
          subject: `Model '${name}'`,
          expected: 'an ONNX model',
          found: 'something else',
        });
      }
      const metadata = readMetadata(model, name);
      return { name, metadata, signature: signatureOf(model, metadata, gender) };
    }),
  );
  return served.map((one, i) => {
    const before = served.slice(0, i).filter(({ name }) => name === one.name).length;
    return before === 0 ? one : { ...one, name: `${one.name}-${before + 1}` };
  });
}

function signatureOf({ graph }: Model, metadata: ModelMetadata, withGender: boolean): Signature {
  const { input, age, gender } = metadata;
  const { width, height, layout } = input;
  const networkInput = graph.inputs.find(({ name }) => !graph.initializers.has(name));
  const widthOf = (output: string, otherwise: number) => {
    const last = graph.outputs.find(({ name }) => name === output)?.type?.shape?.at(-1);
    return typeof last === 'number' ? last : otherwise;
  };
  const output = (name: string, width: number) => ({ name, datatype: 'FP32' as const, shape: [-1, width] });
  return {
    inputs: [
      {
        name: networkInput?.name ?? 'image',
        datatype: 'FP32',
        shape: layout === 'NCHW' ? [-1, 3, height, width] : [-1, height, width, 3],
      },
    ],
    outputs: [
      ...(age ? [output(age.name, age.classes.length)] : []),
      ...(withGender && gender !== null ? [output(gender.name, widthOf(gender.name, -1))] : []),
    ],
  };
}
