/** An age network with its metadata: crops in, distributions out. */
import {
  decodeOutputs,
  MetadataError,
  type ModelMetadata,
  type Prediction,
  type RawOutputs,
} from '../metadata/index.js';
import {
  type CreateSession,
  floatData,
  floatTensor,
  type Session,
  type SessionOptions,
} from '../runtime/index.js';
import type { ModelFacts, OpenedModel } from './open-model.js';

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
   * @throws MetadataError or RuntimeError, in one sentence that names the model
   */
  static async load(
    { name, bytes, facts }: OpenedModel,
    createSession: CreateSession,
    options: SessionOptions & { readonly gender: boolean },
  ): Promise<AgeModel> {
    return AgeModel.ready({ facts, session: await createSession(bytes, name, options) }, name, options);
  }

  /**
   * A model whose session has been made; it is disposed of if this throws.
   * @throws MetadataError or RuntimeError, in one sentence that names the model
   */
  static async ready(
    { facts, session }: { readonly facts: ModelFacts; readonly session: Session },
    name: string,
    { gender }: { readonly gender: boolean },
  ): Promise<AgeModel> {
    const { metadata, input, batchLimit } = facts;
    const withGender = gender && metadata.gender !== null;
    const loaded = new AgeModel(metadata, session, input, withGender, batchLimit ?? Number.POSITIVE_INFINITY);
    try {
      if (metadata.age === null && !withGender) {
        throw new MetadataError({
          subject: `Model '${name}'`,
          expected: 'ages, since gender is switched off',
          found: 'a network that predicts only gender',
        });
      }
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

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
