/** The models of a server, as its routes describe them. */
import { type ModelMetadata, type NetworkTensor, networkTensors, readMetadata } from '../metadata/index.js';
import { type Model, readModel } from '../onnx/index.js';
import { AGE_MODEL } from '../registry/index.js';
import { ModelFileError, readModelSource } from '../registry/node.js';
import type { Settings } from './about.js';
import type { Signature } from './inference/index.js';

export interface ServedModel {
  /** Unique among the server's models. */
  readonly name: string;
  /** The document in its file. */
  readonly metadata: ModelMetadata;
  /** The network's inputs and outputs. */
  readonly signature: Signature;
}

/** @throws an error of one sentence if a model cannot be read */
export async function servedModels({
  models,
  gender,
}: Pick<Settings, 'models' | 'gender'>): Promise<ServedModel[]> {
  const served = await Promise.all(
    (models.length === 0 ? [AGE_MODEL] : models).map(async (given) => {
      const source = await readModelSource(given);
      const { name, model = source.shipped ? readModel(source.bytes) : undefined } = source;
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
  return served.map((model, i) => {
    const before = served.slice(0, i).filter(({ name }) => name === model.name).length;
    return before === 0 ? model : { ...model, name: `${model.name}-${before + 1}` };
  });
}

function signatureOf(model: Model, metadata: ModelMetadata, withGender: boolean): Signature {
  const { image, age, gender } = networkTensors(model, metadata);
  // A network with a fixed batch size is run as often as needed.
  const tensor = ({ name, shape }: NetworkTensor) => ({
    name,
    datatype: 'FP32' as const,
    shape: [-1, ...shape.slice(1)],
  });
  return {
    inputs: [tensor(image)],
    outputs: [age, withGender ? gender : undefined].flatMap((output) => (output ? [tensor(output)] : [])),
  };
}
