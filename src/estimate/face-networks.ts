/**
 * An estimator's networks as separate steps: detect faces, crop them, predict with each network. A pipeline runs these
 * steps, and so does evaluation, which keeps each network's prediction.
 */
import type { ModelMetadata, Prediction } from '../metadata/index.js';
import { AGE_MODEL, FACE_DETECTOR, type ModelInput, type ModelSource } from '../registry/index.js';
import type { CreateSession, Session, SessionOptions } from '../runtime/index.js';
import {
  type Box,
  FaceDetector,
  type FaceRegion,
  type FoundFace,
  findFaces,
  labelledFace,
  type PixelImage,
  withAngle,
} from '../vision/index.js';
import { AgeModel } from './age-model.js';
import { described, isBytes, isUrl } from './inputs.js';
import type { ModelFacts, OpenedModel } from './open-model.js';
import type { LoadOptions } from './options.js';
import type { PictureOptions } from './pipeline.js';
import { type Crops, Predictor } from './predictor.js';

/** A shipped model's session, with what must be known to run it; null for the face detector. */
export interface ReadyModel {
  readonly session: Session;
  readonly facts: ModelFacts | null;
}

/** A platform's source of models. */
export interface NetworkSource {
  /** A shipped model by name, if this platform can make its session without reading its file. */
  readyModel?(name: string, options: SessionOptions): Promise<ReadyModel | undefined>;
  /** Reads a shipped model by name, or any other by path or URL. */
  readModel(model: string | URL): Promise<ModelSource>;
  /** @throws MetadataError or OnnxFormatError, in one sentence that names the model */
  openModel(source: ModelSource): Promise<OpenedModel>;
  readonly createSession: CreateSession;
}

export type NetworkOptions = Pick<
  LoadOptions,
  'models' | 'device' | 'threads' | 'gender' | 'flip' | 'turn' | 'cropped' | 'onProgress'
>;

/**
 * Detection within a video frame's time: it skips faces below 40 pixels, which carry little age information, and keeps
 * low-scoring ones, which the tracker accepts only where it expects a face.
 */
const QUICK = { turn: false, between: false, smallest: 40, minScore: 0.3 } as const;

/** The face detector of a platform. @throws an error of one sentence if it cannot be loaded */
export async function loadDetector(source: NetworkSource, options: SessionOptions): Promise<FaceDetector> {
  const ready = await source.readyModel?.(FACE_DETECTOR, options);
  if (ready) return new FaceDetector(ready.session);
  const { bytes, name } = await source.readModel(FACE_DETECTOR);
  return new FaceDetector(await source.createSession(bytes, name, options));
}

export class FaceNetworks {
  private constructor(
    /** Undefined if each picture is one face. */
    private readonly detector: FaceDetector | undefined,
    private readonly predictor: Predictor,
    private readonly turn: boolean,
    /** The metadata of each network. */
    readonly models: readonly ModelMetadata[],
  ) {}

  /**
   * Loads the networks requested by `options`.
   * @throws AgewiseError if a model cannot be loaded or a device is missing
   */
  static async load(source: NetworkSource, options: NetworkOptions): Promise<FaceNetworks> {
    const { models: inputs = [AGE_MODEL], gender = true, flip = false, turn = true } = options;
    if (!Array.isArray(inputs)) throw new TypeError(`models: expected a list, found ${described(inputs)}`);
    if (inputs.length === 0) throw new RangeError('models: expected at least one, found an empty list');
    const { device, threads, cropped = false, onProgress } = options;
    const session = { ...(device !== undefined && { device }), ...(threads !== undefined && { threads }) };
    const total = inputs.length + (cropped ? 0 : 1);
    let done = 0;
    const report = (model: string) => onProgress?.({ phase: 'load', model, done: ++done, total });

    const models: AgeModel[] = [];
    try {
      for (const input of inputs) {
        const { model, name } = await loadAgeModel(source, input, { ...session, gender });
        models.push(model);
        report(name);
      }
      let detector: FaceDetector | undefined;
      if (!cropped) {
        detector = await loadDetector(source, session);
        report(FACE_DETECTOR);
      }
      const facts = models.map(({ metadata }) => metadata);
      return new FaceNetworks(detector, new Predictor(models, flip), turn, facts);
    } catch (error) {
      for (const model of models) await model.dispose();
      throw error;
    }
  }

  /** The faces of a picture, by descending score; undefined if each picture is one face. */
  async find(
    image: PixelImage,
    { minScore, frame }: Pick<PictureOptions, 'minScore' | 'frame'>,
  ): Promise<FoundFace[] | undefined> {
    if (this.detector === undefined) return undefined;
    const how = frame?.quick ? QUICK : { turn: this.turn, ...(minScore !== undefined && { minScore }) };
    return this.turned(await findFaces(this.detector, image, how));
  }

  /** Found faces with their angles, if a network's crop is turned by them. */
  async turned(found: readonly FoundFace[]): Promise<FoundFace[]> {
    const { detector } = this;
    const needed = this.models.some(({ input }) => input.alignment === 'rotations');
    if (detector === undefined || !needed) return [...found];
    const faces: FoundFace[] = [];
    for (const face of found) faces.push(await withAngle(detector, face));
    return faces;
  }

  /**
   * The face that a picture's label refers to: the one in its box, or the largest; undefined if none was found. If each
   * picture is one face: the box itself, or the whole picture (a region of null).
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
   * Crops a face for each network, according to its metadata.
   * @param region null if the whole picture is the face
   * @param place which of the faces in `crops` it becomes
   */
  prepare(image: PixelImage, region: FaceRegion | null, crops: Crops, place: number): void {
    this.predictor.prepare(image, region, crops, place);
  }

  /**
   * Each network's predictions, in the order of `models`, for the first `count` faces; with `flip`, for each face and
   * its mirror image. `crops` cannot be used again.
   * @throws MetadataError if an output contradicts the metadata, RuntimeError if a network fails
   */
  predict(crops: Crops, count: number): Promise<Prediction[][]> {
    return this.predictor.predict(crops, count);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.detector?.dispose(), this.predictor.dispose()]);
  }
}

async function loadAgeModel(
  from: NetworkSource,
  input: ModelInput,
  options: SessionOptions & { readonly gender: boolean },
): Promise<{ readonly model: AgeModel; readonly name: string }> {
  const ready = typeof input === 'string' ? await from.readyModel?.(input, options) : undefined;
  if (ready?.facts) {
    const { session, facts } = ready;
    return {
      model: await AgeModel.ready({ session, facts }, input as string, options),
      name: input as string,
    };
  }
  await ready?.session.dispose();
  const opened = await from.openModel(await modelSource(from, input));
  return { model: await AgeModel.load(opened, from.createSession, options), name: opened.name };
}

async function modelSource(from: NetworkSource, input: ModelInput): Promise<ModelSource> {
  if (typeof input === 'string') return from.readModel(input);
  if (typeof input !== 'object' || input === null) throw notAModel(input);
  if (isUrl(input)) return from.readModel(input);
  if (isBytes(input)) return { bytes: input, name: 'given as bytes' };
  if (!('model' in input)) throw notAModel(input);
  const { model, metadata, name } = input;
  const source = await modelSource(from, model);
  return { ...source, ...(metadata !== undefined && { metadata }), ...(name !== undefined && { name }) };
}

const notAModel = (input: unknown): TypeError =>
  new TypeError(
    `models: expected a name, a path, a URL, a file's bytes or { model, metadata, name }, found ${described(input)}`,
  );
