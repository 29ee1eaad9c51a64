/**
 * From a picture to its faces' estimates: bytes → image → faces → crops → tensor → distribution → estimate, each step
 * in its own room; this file is their order.
 *
 * Runs unchanged in Node, in a thread of it and in a browser: what differs is the `Platform` that it is given.
 */
import type { Prediction } from '../metadata/index.js';
import { AGE_MODEL, FACE_DETECTOR, type ModelInput, type ModelSource } from '../registry/index.js';
import type { CreateSession } from '../runtime/index.js';
import {
  type DetectedFace,
  FaceDetector,
  findFaces,
  ImageError,
  type PixelImage,
  rgbImage,
} from '../vision/index.js';
import { AgeModel } from './age-model.js';
import { Batcher } from './batcher.js';
import { chooseFaces } from './choose-faces.js';
import { faceEstimate } from './face.js';
import type { FacePlace } from './face-data.js';
import { isPixels, type Present } from './inputs.js';
import type { LoadOptions } from './options.js';
import type { Outcome, PictureOptions, Pipeline } from './pipeline.js';
import { Predictor } from './predictor.js';
import { Turns } from './turns.js';

/** What Node and a browser do each in their own way. */
export interface Platform {
  /**
   * @param picture bytes, or what the platform's `PictureSource` lets through
   * @param name what errors call it
   * @param maxPixels the most pixels it may have; the platform's own limit where it is undefined
   * @throws ImageError where it cannot be decoded
   */
  decode(
    picture: Exclude<Present, PixelImage>,
    name: string,
    maxPixels: number | undefined,
  ): Promise<PixelImage>;
  /** A model that ships, by its name, or any other by path or address. */
  readModel(model: string | URL): Promise<ModelSource>;
  readonly createSession: CreateSession;
}

/** Pixels that a picture's sides must have: no face below is found, and an age told from less means nothing. */
const MIN_SIDE = 12;

/** How many pictures are held decoded at a time; more would not be decoded sooner by Node's four threads for files. */
const MOST_DECODED = 4;

/** A face to be estimated: where it is reported, and where it is cropped from. */
interface Candidate {
  readonly image: PixelImage;
  /** The face in `image`; null where the whole image is the face. */
  readonly region: DetectedFace | null;
  /** The face in the picture as given. */
  readonly place: FacePlace;
}

/** A picture whose faces are found and on their way through the networks. */
interface Seen {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly {
    readonly place: FacePlace;
    readonly prediction: Promise<Prediction[]>;
  }[];
}

export class LocalPipeline implements Pipeline {
  private readonly batcher: Batcher<Prediction[]>;
  private readonly decoding = new Turns(MOST_DECODED);
  /** Pictures are looked at one after another: two at once would both be ready only when the later is. */
  private readonly looking = new Turns(1);

  private constructor(
    private readonly platform: Platform,
    /** Undefined where each picture is one face. */
    private readonly detector: FaceDetector | undefined,
    private readonly predictor: Predictor,
    private readonly turn: boolean,
    private readonly maxPixels: number | undefined,
  ) {
    this.batcher = new Batcher(predictor);
  }

  /**
   * Loads the networks that `options` ask for.
   * @throws an error of one sentence where a model cannot be loaded or a device is missing
   */
  static async load(platform: Platform, options: LoadOptions): Promise<LocalPipeline> {
    const { models: inputs = [AGE_MODEL], gender = true, flip = false, turn = true } = options;
    if (!Array.isArray(inputs)) throw new TypeError(`models: expected a list, found ${typeof inputs}`);
    if (inputs.length === 0) throw new RangeError('models: expected at least one, found an empty list');
    const { device, threads, cropped = false, maxPixels, onProgress } = options;
    const session = { ...(device !== undefined && { device }), ...(threads !== undefined && { threads }) };
    const total = inputs.length + (cropped ? 0 : 1);
    let done = 0;
    const tell = (model: string) => onProgress?.({ phase: 'load', model, done: ++done, total });

    const models: AgeModel[] = [];
    try {
      for (const input of inputs) {
        const source = await modelSource(platform, input);
        models.push(await AgeModel.load(source, platform.createSession, { ...session, gender }));
        tell(source.name);
      }
      let detector: FaceDetector | undefined;
      if (!cropped) {
        const { bytes, name } = await platform.readModel(FACE_DETECTOR);
        detector = new FaceDetector(await platform.createSession(bytes, name, session));
        tell(name);
      }
      return new LocalPipeline(platform, detector, new Predictor(models, flip), turn, maxPixels);
    } catch (error) {
      for (const model of models) await model.dispose();
      throw error;
    }
  }

  async estimate(
    picture: Present,
    name: string,
    options: PictureOptions,
    onSeen: () => void,
  ): Promise<Outcome> {
    let seen: Seen;
    try {
      seen = await this.batcher.during(() => this.decoding.take(() => this.see(picture, name, options)));
    } catch (error) {
      // Anything else, a network's failure above all, is no fault of the picture and concerns the others too.
      if (!(error instanceof ImageError)) throw error;
      return { error };
    } finally {
      onSeen();
    }
    const { width, height } = seen;
    const faces = seen.faces.map(async ({ place, prediction }) => faceEstimate(place, await prediction));
    return { width, height, faces: await Promise.all(faces) };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.detector?.dispose(), this.predictor.dispose()]);
  }

  private async see(picture: Present, name: string, options: PictureOptions): Promise<Seen> {
    options.signal?.throwIfAborted();
    const image = await this.decode(picture, name);
    const { width, height } = image;
    return this.looking.take(async () => {
      options.signal?.throwIfAborted();
      const faces: Seen['faces'][number][] = [];
      for (const { place, image: upright, region } of await this.candidates(image, options)) {
        faces.push({ place, ...(await this.batcher.add(upright, region)) });
      }
      return { width, height, faces };
    });
  }

  private async decode(picture: Present, name: string): Promise<PixelImage> {
    const image = isPixels(picture)
      ? rgbImage(picture)
      : await this.platform.decode(picture, name, this.maxPixels);
    const { width, height } = image;
    if (Math.min(width, height) < MIN_SIDE) {
      throw new ImageError(
        name,
        `an image of at least ${MIN_SIDE} × ${MIN_SIDE} pixels`,
        `${width} × ${height}`,
      );
    }
    return image;
  }

  private async candidates(image: PixelImage, options: PictureOptions): Promise<Candidate[]> {
    const { width, height } = image;
    if (this.detector === undefined) {
      const place = { box: { x: 0, y: 0, width, height }, score: null, landmarks: null };
      return [{ image, region: null, place }];
    }
    const found = await findFaces(this.detector, image, { turn: this.turn, ...options });
    return chooseFaces(found, options).map(({ face, turned, region }) => ({
      image: turned,
      region,
      place: face,
    }));
  }
}

async function modelSource(platform: Platform, input: ModelInput): Promise<ModelSource> {
  if (typeof input === 'string' || input instanceof URL) return platform.readModel(input);
  if (input instanceof Uint8Array) return { bytes: input, name: 'given as bytes' };
  const source = await modelSource(platform, input.model);
  return { ...source, metadata: input.metadata };
}
