/**
 * The networks of an estimator, a step at a time: where the faces of a picture are, how they are cut out, what each
 * network says of them. A pipeline goes through these steps, and so does whoever keeps each network's answer.
 */
import type { ModelMetadata, Prediction } from '../metadata/index.js';
import { AGE_MODEL, FACE_DETECTOR, type ModelInput, type ModelSource } from '../registry/index.js';
import type { CreateSession } from '../runtime/index.js';
import {
  type Box,
  FaceDetector,
  type FaceRegion,
  type FoundFace,
  findFaces,
  labelledFace,
  type PixelImage,
} from '../vision/index.js';
import { AgeModel } from './age-model.js';
import type { FaceOptions, LoadOptions } from './options.js';
import { type Crops, Predictor } from './predictor.js';

/** Where networks come from on a platform. */
export interface NetworkSource {
  /** A model that ships, by its name, or any other by path or address. */
  readModel(model: string | URL): Promise<ModelSource>;
  readonly createSession: CreateSession;
}

export type NetworkOptions = Pick<
  LoadOptions,
  'models' | 'device' | 'threads' | 'gender' | 'flip' | 'turn' | 'cropped' | 'onProgress'
>;

export class FaceNetworks {
  private constructor(
    /** Undefined where each picture is one face. */
    private readonly detector: FaceDetector | undefined,
    private readonly predictor: Predictor,
    private readonly turn: boolean,
    /** What each network says of itself. */
    readonly models: readonly ModelMetadata[],
  ) {}

  /**
   * Loads the networks that `options` ask for.
   * @throws an error of one sentence where a model cannot be loaded or a device is missing
   */
  static async load(source: NetworkSource, options: NetworkOptions): Promise<FaceNetworks> {
    const { models: inputs = [AGE_MODEL], gender = true, flip = false, turn = true } = options;
    if (!Array.isArray(inputs)) throw new TypeError(`models: expected a list, found ${typeof inputs}`);
    if (inputs.length === 0) throw new RangeError('models: expected at least one, found an empty list');
    const { device, threads, cropped = false, onProgress } = options;
    const session = { ...(device !== undefined && { device }), ...(threads !== undefined && { threads }) };
    const total = inputs.length + (cropped ? 0 : 1);
    let done = 0;
    const tell = (model: string) => onProgress?.({ phase: 'load', model, done: ++done, total });

    const models: AgeModel[] = [];
    try {
      for (const input of inputs) {
        const model = await modelSource(source, input);
        models.push(await AgeModel.load(model, source.createSession, { ...session, gender }));
        tell(model.name);
      }
      let detector: FaceDetector | undefined;
      if (!cropped) {
        const { bytes, name } = await source.readModel(FACE_DETECTOR);
        detector = new FaceDetector(await source.createSession(bytes, name, session));
        tell(name);
      }
      const facts = models.map(({ metadata }) => metadata);
      return new FaceNetworks(detector, new Predictor(models, flip), turn, facts);
    } catch (error) {
      for (const model of models) await model.dispose();
      throw error;
    }
  }

  /** The faces of a picture, by descending score; undefined where the picture as a whole is taken for one. */
  async find(image: PixelImage, options: Pick<FaceOptions, 'minScore'>): Promise<FoundFace[] | undefined> {
    return this.detector && findFaces(this.detector, image, { turn: this.turn, ...options });
  }

  /**
   * The face that a picture's label is of: the one in its box, or the largest; undefined where none was found. Where
   * pictures are taken for faces, the box itself, or the whole picture (a region of null).
   */
  async findLabelled(
    image: PixelImage,
    box: Box | undefined,
  ): Promise<{ readonly image: PixelImage; readonly region: FaceRegion | null } | undefined> {
    const found = await this.find(image, {});
    if (found === undefined) return { image, region: box ? { box } : null };
    const face = labelledFace(found, box);
    return face && { image: face.turned, region: face.region };
  }

  /** Memory for `count` faces. */
  allocate(count: number): Crops {
    return this.predictor.allocate(count);
  }

  /**
   * Cuts a face out of its picture, for each network as that wants it.
   * @param region null where the whole picture is the face
   * @param place which of the faces in `crops` it becomes
   */
  prepare(image: PixelImage, region: FaceRegion | null, crops: Crops, place: number): void {
    this.predictor.prepare(image, region, crops, place);
  }

  /**
   * What each network says, in the order of `models`, of the first `count` faces; with `flip` each says it of a face and
   * then of its mirror image. `crops` cannot be used again.
   * @throws MetadataError where an answer is not what the metadata say, RuntimeError where a network fails
   */
  predict(crops: Crops, count: number): Promise<Prediction[][]> {
    return this.predictor.predict(crops, count);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.detector?.dispose(), this.predictor.dispose()]);
  }
}

async function modelSource(from: NetworkSource, input: ModelInput): Promise<ModelSource> {
  if (typeof input === 'string' || input instanceof URL) return from.readModel(input);
  if (input instanceof Uint8Array) return { bytes: input, name: 'given as bytes' };
  const { model, metadata, name } = input;
  const source = await modelSource(from, model);
  return { ...source, ...(metadata !== undefined && { metadata }), ...(name !== undefined && { name }) };
}
