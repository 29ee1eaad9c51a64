/** The models that a server estimates with, as it tells of them. */
import { type ModelMetadata, type NetworkTensor, networkTensors, readMetadata } from '../metadata/index.js';
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

function signatureOf(model: Model, metadata: ModelMetadata, withGender: boolean): Signature {
  const { image, age, gender } = networkTensors(model, metadata);
  // A network that takes a fixed number of faces is run as often as there are faces.
  const tensor = ({ name, shape }: NetworkTensor) => ({
    name,
    datatype: 'FP32' as const,
    shape: [-1, ...shape.slice(1)],
  });
  return {
    inputs: [tensor(image)],
    outputs: [age, withGender ? gender : undefined].flatMap((one) => (one ? [tensor(one)] : [])),
  };
}
