/** An age network with its metadata: crops in, distributions out. */
import {
  decodeOutputs,
  MetadataError,
  type ModelMetadata,
  type Prediction,
  type RawOutputs,
  readMetadata,
} from '../metadata/index.js';
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
import {
  type CreateSession,
  floatData,
  floatTensor,
  type Session,
  type SessionOptions,
} from '../runtime/index.js';

export class AgeModel {
  private constructor(
    readonly metadata: ModelMetadata,
    private readonly session: Session,
    private readonly input: string,
    private readonly withGender: boolean,
    /** The graph's own limit on the batch size. */
    private readonly batchLimit: number,
  ) {}

  /**
   * @throws MetadataError, OnnxFormatError or RuntimeError, in one sentence that names the model
   */
  static async load(
    source: ModelSource,
    createSession: CreateSession,
    options: SessionOptions & { readonly gender: boolean },
  ): Promise<AgeModel> {
    const { bytes, name } = source;
    const model: Model = source.model ?? naming(name, () => readModel(bytes));
    const metadata = readMetadata(model, name, source.metadata);
    const input = networkInput(model, name);
    const kept = naming(name, () => {
      if (!source.shipped) checkExecutions(model);
      return keepZeroPadding(model);
    });
    const session = await createSession(kept === model ? bytes : writeModel(kept), name, options);
    const batch = input.type!.shape?.[0];
    const limit = typeof batch === 'number' ? batch : Number.POSITIVE_INFINITY;
    const withGender = options.gender && metadata.gender !== null;
    if (metadata.age === null && !withGender) {
      throw new MetadataError({
        subject: `Model '${name}'`,
        expected: 'ages, since gender is switched off',
        found: 'a network that predicts only gender',
      });
    }
    const loaded = new AgeModel(metadata, session, input.name, withGender, limit);
    try {
      // One run on zeros checks that the outputs match the metadata, before any picture is read.
      await loaded.predict(new Float32Array(loaded.inputSize), 1);
    } catch (error) {
      await session.dispose();
      throw error;
    }
    return loaded;
  }

  /** Numbers per face: 3 · height · width. */
  get inputSize(): number {
    return 3 * this.metadata.input.height * this.metadata.input.width;
  }

  /**
   * The network's predictions for prepared faces.
   * @param crops prepared faces one after another, each of `inputSize` numbers
   * @param count how many of them there are
   * @throws MetadataError if an output contradicts the metadata, RuntimeError if the network fails
   */
  async predict(crops: Float32Array, count: number): Promise<Prediction[]> {
    return decodeOutputs(this.metadata, await this.outputs(crops, count), count);
  }

  /**
   * The network's raw outputs for prepared faces: `[count, K]` for K age classes, and `[count, 1 or 2]` for gender. They are
   * probabilities or logits, as the metadata say, and not calibrated.
   * @param crops as for `predict`
   * @throws RuntimeError if the network fails
   */
  async outputs(crops: Float32Array, count: number): Promise<RawOutputs> {
    const parts: RawOutputs[] = [];
    for (let from = 0; from < count; from += this.batchLimit) {
      const n = Math.min(this.batchLimit, count - from);
      parts.push(await this.run(crops.subarray(from * this.inputSize, (from + n) * this.inputSize), n));
    }
    if (parts.length === 1) return parts[0]!;
    const members = this.metadata.age?.members ?? [];
    return {
      age: this.metadata.age ? joined(parts.map(({ age }) => age!)) : undefined,
      gender: this.withGender ? joined(parts.map(({ gender }) => gender!)) : undefined,
      ...(members.length > 0 && {
        members: members.map((_, m) => joined(parts.map((part) => part.members![m]!))),
      }),
    };
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }

  private async run(crops: Float32Array, count: number): Promise<RawOutputs> {
    const { input, age, gender } = this.metadata;
    const { width, height } = input;
    const shape = input.layout === 'NCHW' ? [count, 3, height, width] : [count, height, width, 3];
    const members = age?.members ?? [];
    const wanted = [...(age ? [age.name, ...members] : []), ...(this.withGender ? [gender!.name] : [])];
    const outputs = await this.session.run({ [this.input]: floatTensor(crops, shape) }, wanted);
    const read = (name: string) => floatData(outputs[name]!);
    return {
      age: age ? read(age.name) : undefined,
      gender: this.withGender ? read(gender!.name) : undefined,
      ...(members.length > 0 && { members: members.map(read) }),
    };
  }
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

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
