/** A network that tells age, with the facts it carries: crops in, distributions out. */
import { type AgeDistribution, MetadataError, type ModelMetadata, readMetadata } from '../age/index.js';
import { keepZeroPadding, type Model, OnnxFormatError, readModel, writeModel } from '../onnx/index.js';
import { floatData, floatTensor, Session, type SessionOptions, type Tensors } from '../runtime/index.js';

/** The most faces that one run of the network takes: beyond, memory grows and speed hardly does. */
export const BATCH = 4;

/** How far probabilities may sum from 1; float16 networks are off by a thousandth. */
const SUM_TOLERANCE = 0.01;

export interface Prediction {
  readonly age: AgeDistribution;
  /** P(female), where the model tells gender and was asked to. */
  readonly female: number | undefined;
}

/** Where a model comes from: an `.onnx` file's bytes, its name for messages, and its facts if it lacks them. */
export interface ModelSource {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** The metadata document for a model that carries none (see `ModelMetadataDocument`). */
  readonly metadata?: unknown;
}

export class AgeModel {
  private constructor(
    readonly metadata: ModelMetadata,
    private readonly session: Session,
    private readonly input: string,
    private readonly withGender: boolean,
    /** The most faces the graph itself takes at once. */
    private readonly batchLimit: number,
  ) {}

  /**
   * @throws MetadataError, OnnxFormatError or RuntimeError, in one sentence that names the model
   */
  static async load(
    source: ModelSource,
    options: SessionOptions & { readonly gender: boolean },
  ): Promise<AgeModel> {
    const { bytes, name } = source;
    const model = parse(bytes, name);
    const metadata = readMetadata(model, name, source.metadata);
    const input = networkInput(model, name);
    const kept = keepZeroPadding(model);
    const session = await Session.create(kept === model ? bytes : writeModel(kept), name, options);
    const batch = input.type!.shape?.[0];
    const limit = typeof batch === 'number' ? Math.min(batch, BATCH) : BATCH;
    const withGender = options.gender && metadata.gender !== null;
    const loaded = new AgeModel(metadata, session, input.name, withGender, limit);
    try {
      // One run on nothing: it proves that the outputs are what the metadata say, before any picture is read.
      await loaded.predict(new Float32Array(loaded.inputSize), 1);
    } catch (error) {
      await session.dispose();
      throw error;
    }
    return loaded;
  }

  /** Numbers that one face takes: 3 · height · width. */
  get inputSize(): number {
    return 3 * this.metadata.input.height * this.metadata.input.width;
  }

  /**
   * The network's answers for prepared faces.
   * @param crops prepared faces one after another, each of `inputSize` numbers
   * @param count how many of them there are
   * @throws MetadataError where an answer is not what the metadata say, RuntimeError where the network fails
   */
  async predict(crops: Float32Array, count: number): Promise<Prediction[]> {
    const predictions: Prediction[] = [];
    for (let from = 0; from < count; from += this.batchLimit) {
      const n = Math.min(this.batchLimit, count - from);
      predictions.push(
        ...(await this.run(crops.subarray(from * this.inputSize, (from + n) * this.inputSize), n)),
      );
    }
    return predictions;
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }

  private async run(crops: Float32Array, count: number): Promise<Prediction[]> {
    const { input, age, gender } = this.metadata;
    const { width, height } = input;
    const shape = input.layout === 'NCHW' ? [count, 3, height, width] : [count, height, width, 3];
    const wanted = this.withGender ? [age.name, gender!.name] : [age.name];
    const outputs = await this.session.run({ [this.input]: floatTensor(crops, shape) }, wanted);
    const ages = this.rows(outputs, age.name, count, [age.classes.length]);
    const genders = this.withGender ? this.rows(outputs, gender!.name, count, [1, 2]) : undefined;
    return ages.map((row, i) => {
      const probabilities = age.activation === 'logits' ? softmax(row) : row;
      const female = genders && this.female(genders[i]!);
      const sum = probabilities.reduce((a, b) => a + b, 0);
      if (!(Math.abs(sum - 1) < SUM_TOLERANCE) || probabilities.some((p) => p < 0)) {
        throw new MetadataError(
          `Model '${this.metadata.name}': its output '${age.name}' is expected to be probabilities${age.activation === 'logits' ? ' after a softmax' : ''}, found numbers that sum to ${sum}`,
        );
      }
      if (female !== undefined && !(female >= 0 && female <= 1)) {
        throw new MetadataError(
          `Model '${this.metadata.name}': its output '${gender!.name}' is expected to be a probability, found ${female}`,
        );
      }
      return { age: { classes: age.classes, probabilities }, female };
    });
  }

  /** The rows of an output of `[count, n]`, n one of `widths`, each copied. */
  private rows(outputs: Tensors, name: string, count: number, widths: readonly number[]): Float32Array[] {
    const data = floatData(outputs[name]!);
    const width = data.length / count;
    if (!widths.includes(width)) {
      throw new MetadataError(
        `Model '${this.metadata.name}': its output '${name}' has ${width} numbers a face, its metadata say ${widths.join(' or ')}`,
      );
    }
    return Array.from({ length: count }, (_, i) => data.slice(i * width, (i + 1) * width));
  }

  private female(row: Float32Array): number {
    const { labels, activation } = this.metadata.gender!;
    const second =
      row.length === 2
        ? (activation === 'logits' ? softmax(row) : row)[1]!
        : activation === 'logits'
          ? 1 / (1 + Math.exp(-row[0]!))
          : row[0]!;
    return labels[1] === 'female' ? second : 1 - second;
  }
}

function parse(bytes: Uint8Array, name: string): Model {
  try {
    return readModel(bytes);
  } catch (error) {
    if (error instanceof OnnxFormatError) throw new OnnxFormatError(`Model '${name}': ${error.message}`);
    throw error;
  }
}

/** The one input that is no constant. */
function networkInput(model: Model, name: string) {
  const inputs = model.graph.inputs.filter((i) => !model.graph.initializers.has(i.name));
  const [input] = inputs;
  if (inputs.length !== 1 || input!.type?.dtype !== 'float32') {
    const found = inputs.map((i) => `'${i.name}' of ${i.type?.dtype ?? 'another type'}`).join(', ') || 'none';
    throw new MetadataError(`Model '${name}' is expected to have one float32 input, found ${found}`);
  }
  return input!;
}

function softmax(logits: Float32Array): Float32Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exps = logits.map((x) => Math.exp(x - highest));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}
