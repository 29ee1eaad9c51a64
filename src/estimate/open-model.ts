/** From the file of an age model to what must be known to run it. In Node it is loaded only for models that are not in the cache. */
import { MetadataError, type ModelMetadata, readMetadata } from '../metadata/index.js';
import {
  checkExecutions,
  GraphError,
  keepZeroPadding,
  type Model,
  OnnxFormatError,
  readModel,
  writeModel,
} from '../onnx/index.js';
import type { ModelSource } from '../registry/index.js';

/** What must be known of an age model to run it, as plain data. */
export interface ModelFacts {
  readonly metadata: ModelMetadata;
  /** The name of its input. */
  readonly input: string;
  /** The graph's own limit on the batch size; null if it has none. */
  readonly batchLimit: number | null;
}

export interface OpenedModel {
  /** For messages. */
  readonly name: string;
  /** What ONNX Runtime is to be given. */
  readonly bytes: Uint8Array;
  readonly facts: ModelFacts;
}

/**
 * The facts of a model, and the bytes from which a session computes what the model means.
 * @throws MetadataError or OnnxFormatError in one sentence that names the model
 */
export function openModel(source: ModelSource): OpenedModel {
  const { bytes, name } = source;
  const model: Model = source.model ?? naming(name, () => readModel(bytes));
  const metadata = readMetadata(model, name, source.metadata);
  const { name: input, type } = networkInput(model, name);
  const kept = naming(name, () => {
    if (!source.shipped) checkExecutions(model);
    return keepZeroPadding(model);
  });
  const batch = type!.shape?.[0];
  const batchLimit = typeof batch === 'number' ? batch : null;
  const facts = { metadata, input, batchLimit };
  return { name, bytes: kept === model ? bytes : writeModel(kept), facts };
}

/** Runs `action` and adds the model's name to its errors about the graph. */
function naming<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof OnnxFormatError || error instanceof GraphError)) throw error;
    throw new OnnxFormatError({ subject: `Model '${name}'`, problem: error.message }, { cause: error });
  }
}

/** The only input that is not an initializer. */
function networkInput(model: Model, name: string) {
  const inputs = model.graph.inputs.filter((i) => !model.graph.initializers.has(i.name));
  const [input] = inputs;
  if (inputs.length !== 1 || input!.type?.dtype !== 'float32') {
    const found = inputs.map((i) => `'${i.name}' of ${i.type?.dtype ?? 'another type'}`).join(', ') || 'none';
    throw new MetadataError(`Model '${name}' must have one float32 input, found ${found}`);
  }
  return input!;
}
