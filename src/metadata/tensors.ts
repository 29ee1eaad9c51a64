/** A model's network as tensors: the names and shapes of its input and outputs, from its metadata and its graph. */
import type { Model } from '../onnx/index.js';
import type { ModelMetadata } from './document.js';

export interface NetworkTensor {
  readonly name: string;
  /** -1 for a side of any length. The first is the number of faces. */
  readonly shape: readonly number[];
}

export interface NetworkTensors {
  readonly image: NetworkTensor;
  /** One number for each age class; undefined if the model does not predict age. */
  readonly age: NetworkTensor | undefined;
  /** One number or two; undefined if the model does not predict gender. */
  readonly gender: NetworkTensor | undefined;
}

export function networkTensors({ graph }: Model, { input, age, gender }: ModelMetadata): NetworkTensors {
  const { width, height, layout } = input;
  const image = graph.inputs.find(({ name }) => !graph.initializers.has(name))!;
  const side = (value: unknown) => (typeof value === 'number' ? value : -1);
  const batch = side(image.type?.shape?.[0]);
  const genderOutput = graph.outputs.find(({ name }) => name === gender?.name);
  return {
    image: {
      name: image.name,
      shape: layout === 'NCHW' ? [batch, 3, height, width] : [batch, height, width, 3],
    },
    age: age ? { name: age.name, shape: [batch, age.classes.length] } : undefined,
    gender:
      gender === null
        ? undefined
        : { name: gender.name, shape: [batch, side(genderOutput?.type?.shape?.at(-1))] },
  };
}
