/**
 * `AgeEstimator`: pictures in, faces with their ages out. bytes → image → faces → crops → tensor →
 * distribution → estimate, each step in its own room; this file is their order.
 *
 * Runs unchanged in Node and in a browser: what differs stands behind `Platform`.
 */
import type { Prediction } from '../metadata/index.js';
import { AGE_MODEL, FACE_DETECTOR, type ModelInput, type ModelSource } from '../registry/index.js';
import type { CreateSession, Device } from '../runtime/index.js';
import {
  type DetectedFace,
  FaceDetector,
  findFaces,
  flipTensor,
  ImageError,
  type PixelImage,
  preprocess,
} from '../vision/index.js';
import { AgeModel, BATCH } from './age-model.js';
import { type FaceEstimate, faceEstimate } from './face.js';
import type { ImageEstimate, ImageFailure, ImageInput, OnProgress } from './types.js';

/** What Node and a browser do each in their own way. */
export interface Platform {
  decode(image: Exclude<ImageInput, PixelImage>): Promise<PixelImage>;
  /** The bytes and name of a model: one that ships, by its name, or any other by path or address. */
  readModel(model: string | URL): Promise<ModelSource>;
  readonly createSession: CreateSession;
}

export interface LoadOptions {
  /** Several make an ensemble: their distributions are averaged. Default: the age model that ships. */
  readonly models?: readonly ModelInput[];
  /** Default `cpu`. */
  readonly device?: Device;
  /** Threads on the CPU; default one for each core. */
  readonly threads?: number;
  /** Whether to tell gender too, where a model can. Default true. */
  readonly gender?: boolean;
  /** Whether to average over each face and its mirror image; takes twice the time. Default false. */
  readonly flip?: boolean;
  /** Whether a picture without a face, or with doubtful ones, is also looked at turned by 90°, 180° and 270°.
   *  Default true. */
  readonly turn?: boolean;
  /** Whether each picture is one face, already cropped, so that none is looked for. Default false. */
  readonly cropped?: boolean;
  /** Told of each model loaded. */
  readonly onProgress?: OnProgress;
}

export interface EstimateOptions {
  /** Told of each picture done. */
  readonly onProgress?: OnProgress;
  /** Ends the work between two pictures, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Pixels that a picture's sides must have: no face below is found, and an age told from less means nothing. */
const MIN_SIDE = 12;

/** How many pictures are decoded ahead, in a thread of the platform, while the networks run. */
const DECODE_AHEAD = 1;

/** How many pictures' results may wait for a batch of faces to fill. */
const MOST_WAITING = 8;

/** A face to be estimated: where it is reported, and where it is cropped from. */
interface Candidate {
  readonly image: PixelImage;
  /** The face in `image`; null where the whole image is the face. */
  readonly region: DetectedFace | null;
  /** The face in the picture as given. */
  readonly face: Pick<FaceEstimate, 'box' | 'score' | 'landmarks'>;
}

/** A picture whose faces are not all estimated yet. */
interface Waiting {
  readonly size: Pick<ImageEstimate, 'width' | 'height'>;
  readonly faces: (FaceEstimate | undefined)[];
  readonly error?: Error;
}

/** Faces of several pictures that one run of the networks estimates. */
interface Batch {
  readonly crops: readonly Float32Array[];
  readonly places: { readonly waiting: Waiting; readonly index: number; readonly face: Candidate['face'] }[];
}

/** What an estimator is made of once its networks are loaded. */
export interface Parts {
  readonly platform: Platform;
  /** Undefined where each picture is one face. */
  readonly detector: FaceDetector | undefined;
  readonly models: readonly AgeModel[];
  readonly turn: boolean;
  readonly flip: boolean;
}

/**
 * Loads the networks that `options` ask for.
 * @throws an error of one sentence where a model cannot be loaded or a device is missing
 */
export async function loadParts(platform: Platform, options: LoadOptions): Promise<Parts> {
  const { models: inputs = [AGE_MODEL], gender = true, flip = false, turn = true, cropped = false } = options;
  if (!Array.isArray(inputs)) throw new TypeError(`models: expected a list, found ${typeof inputs}`);
  if (inputs.length === 0) throw new RangeError('models: expected at least one, found an empty list');
  const session = {
    ...(options.device === undefined ? {} : { device: options.device }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  };
  const total = inputs.length + (cropped ? 0 : 1);
  let done = 0;
  const tell = (model: string) => options.onProgress?.({ phase: 'load', model, done: ++done, total });

  const models: AgeModel[] = [];
  try {
    for (const input of inputs) {
      const source = await modelSource(platform, input);
      models.push(await AgeModel.load(source, platform.createSession, { ...session, gender }));
      tell(source.name);
    }
    let detector: FaceDetector | undefined;
    if (!cropped) {
      const source = await platform.readModel(FACE_DETECTOR);
      detector = new FaceDetector(await platform.createSession(source.bytes, FACE_DETECTOR, session));
      tell(source.name);
    }
    return { platform, detector, models, turn, flip };
  } catch (error) {
    for (const model of models) await model.dispose();
    throw error;
  }
}

/** Estimates ages; each platform's `AgeEstimator` adds how it is loaded there. */
export class Estimator {
  private disposed = false;

  protected constructor(private readonly parts: Parts) {}

  /** Estimates the faces of one picture. A picture that cannot be read rejects. */
  async estimate(image: ImageInput, options?: EstimateOptions): Promise<ImageEstimate>;
  /** Estimates the faces of each picture, in order. One that cannot be read costs that one alone. */
  async estimate(
    images: readonly ImageInput[],
    options?: EstimateOptions,
  ): Promise<(ImageEstimate | ImageFailure)[]>;
  async estimate(
    input: ImageInput | readonly ImageInput[],
    options: EstimateOptions = {},
  ): Promise<ImageEstimate | (ImageEstimate | ImageFailure)[]> {
    const images = Array.isArray(input) ? (input as readonly ImageInput[]) : [input as ImageInput];
    const results: (ImageEstimate | ImageFailure)[] = [];
    for await (const result of this.stream(images, options)) {
      if (!Array.isArray(input) && 'error' in result) throw result.error;
      results.push(result);
      options.onProgress?.({ phase: 'estimate', done: results.length, total: images.length });
    }
    return Array.isArray(input) ? results : (results[0] as ImageEstimate);
  }

  /**
   * Estimates pictures as they come, in their order, however many: only a few are held at a time.
   * Faces of several pictures share a run of the networks, so a result may wait for a few pictures after it; a
   * source must not wait for a result before it gives the next picture.
   */
  async *stream(
    images: Iterable<ImageInput> | AsyncIterable<ImageInput>,
    options: Pick<EstimateOptions, 'signal'> = {},
  ): AsyncGenerator<ImageEstimate | ImageFailure> {
    const { signal } = options;
    if (this.disposed) throw new Error('The estimator was disposed of');
    const waiting: Waiting[] = [];
    let batch = this.newBatch();

    for await (const decoded of ahead(images, (image) => this.decode(image))) {
      signal?.throwIfAborted();
      const { picture, candidates } = await this.look(decoded);
      waiting.push(picture);
      const flush = async () => {
        await this.runBatch(batch);
        batch = this.newBatch();
      };
      for (const [index, candidate] of candidates.entries()) {
        this.addToBatch(batch, candidate, picture, index);
        if (batch.places.length === BATCH) await flush();
      }
      if (waiting.length >= MOST_WAITING) await flush();
      yield* takeDone(waiting);
    }
    signal?.throwIfAborted();
    await this.runBatch(batch);
    yield* takeDone(waiting);
  }

  /** Frees the networks' memory; the estimator cannot be used afterwards. A second time does nothing. */
  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await Promise.all([this.parts.detector, ...this.parts.models].map((d) => d?.dispose()));
  }

  private async decode(image: ImageInput): Promise<PixelImage> {
    const pixels = isPixelImage(image) ? checkPixels(image) : await this.parts.platform.decode(image);
    const { width, height } = pixels;
    if (Math.min(width, height) < MIN_SIDE) {
      throw new ImageError(
        typeof image === 'string' ? image : 'image',
        `an image of at least ${MIN_SIDE} × ${MIN_SIDE} pixels`,
        `${width} × ${height}`,
      );
    }
    return pixels;
  }

  /** Finds a picture's faces. A picture that cannot be read has none, and its error. */
  private async look(
    decoded: () => Promise<PixelImage>,
  ): Promise<{ picture: Waiting; candidates: Candidate[] }> {
    try {
      const image = await decoded();
      const candidates = await this.candidates(image);
      const { width, height } = image;
      return { picture: { size: { width, height }, faces: candidates.map(() => undefined) }, candidates };
    } catch (error) {
      // Anything else, a network's failure above all, is no fault of the picture and concerns the others too.
      if (!(error instanceof ImageError)) throw error;
      return { picture: { size: { width: 0, height: 0 }, faces: [], error }, candidates: [] };
    }
  }

  private async candidates(image: PixelImage): Promise<Candidate[]> {
    if (this.parts.detector === undefined) {
      const box = { x: 0, y: 0, width: image.width, height: image.height };
      return [{ image, region: null, face: { box, score: null, landmarks: null } }];
    }
    const found = await findFaces(this.parts.detector, image, { turn: this.parts.turn });
    return found.map(({ face, turned, region }) => ({ image: turned, region, face }));
  }

  private newBatch(): Batch {
    return { crops: this.parts.models.map((m) => new Float32Array(BATCH * m.inputSize)), places: [] };
  }

  private addToBatch(
    batch: Batch,
    { image, region, face }: Candidate,
    waiting: Waiting,
    index: number,
  ): void {
    this.parts.models.forEach((model, m) => {
      preprocess(image, region, model.metadata.input, batch.crops[m]!, batch.places.length * model.inputSize);
    });
    batch.places.push({ waiting, index, face });
  }

  private async runBatch({ crops, places }: Batch): Promise<void> {
    if (places.length === 0) return;
    const predictions: Prediction[][] = [];
    for (const [m, model] of this.parts.models.entries()) {
      predictions.push(await model.predict(crops[m]!, places.length));
      if (this.parts.flip) {
        for (let i = 0; i < places.length; i++)
          flipTensor(crops[m]!, i * model.inputSize, model.metadata.input);
        predictions.push(await model.predict(crops[m]!, places.length));
      }
    }
    places.forEach(({ waiting, index, face }, i) => {
      waiting.faces[index] = faceEstimate(
        face,
        predictions.map((p) => p[i]!),
      );
    });
  }
}

/** Takes from the front of the line what needs to wait no longer. */
function* takeDone(waiting: Waiting[]): Generator<ImageEstimate | ImageFailure> {
  while (waiting.length > 0) {
    const { size, faces, error } = waiting[0]!;
    if (error === undefined && faces.includes(undefined)) return;
    waiting.shift();
    yield error === undefined ? { ...size, faces: faces as FaceEstimate[] } : { error };
  }
}

/** Starts the work on a few items ahead of the one handed out. */
async function* ahead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  start: (item: T) => Promise<R>,
): AsyncGenerator<() => Promise<R>> {
  const started: Promise<R>[] = [];
  const next = () => {
    const promise = started.shift()!;
    return () => promise;
  };
  for await (const item of items) {
    const promise = start(item);
    // Its failure is its taker's; until then it must not count as unhandled.
    promise.catch(() => {});
    started.push(promise);
    if (started.length > DECODE_AHEAD) yield next();
  }
  while (started.length > 0) yield next();
}

async function modelSource(platform: Platform, input: ModelInput): Promise<ModelSource> {
  if (typeof input === 'string' || input instanceof URL) return platform.readModel(input);
  if (input instanceof Uint8Array) return { bytes: input, name: 'given as bytes' };
  const source = await modelSource(platform, input.model);
  return { ...source, metadata: input.metadata };
}

function isPixelImage(image: ImageInput): image is PixelImage {
  return (
    typeof image === 'object' && image !== null && 'width' in image && 'height' in image && 'data' in image
  );
}

function checkPixels(image: PixelImage): PixelImage {
  const { width, height, data } = image;
  const sides = Number.isInteger(width) && Number.isInteger(height);
  // A view of any class of bytes will do: a Buffer, or a clamped array's bytes.
  if (!sides || !(data instanceof Uint8Array) || data.length !== 3 * width * height) {
    const found = data instanceof Uint8Array ? `${data.length} bytes` : `data of another kind`;
    throw new ImageError(
      'pixels',
      'whole sides and a Uint8Array of 3 · width · height bytes, RGB',
      `${found} for ${width} × ${height}`,
    );
  }
  return image;
}
