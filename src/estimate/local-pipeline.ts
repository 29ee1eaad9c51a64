/**
 * From a picture to its faces' estimates: bytes → image → faces → crops → tensor → distribution → estimate, each step
 * in its own room; this file puts them in order.
 *
 * It runs unchanged in Node, in a Node thread and in a browser: only the `Platform` differs.
 */
import type { Prediction } from '../metadata/index.js';
import {
  type FoundFace,
  ImageError,
  type Landmarks,
  PixelBudget,
  type PixelImage,
  rgbImage,
  viewFace,
} from '../vision/index.js';
import { Batcher } from './batcher.js';
import { chooseFaces } from './choose-faces.js';
import { faceEstimate } from './face.js';
import type { FacePlace } from './face-data.js';
import { FaceNetworks, type NetworkSource } from './face-networks.js';
import { isPixels, type Present } from './inputs.js';
import type { LoadOptions } from './options.js';
import type { Outcome, PictureOptions, Pipeline } from './pipeline.js';
import { Turns } from './turns.js';

/** What differs between Node and browsers. */
export interface Platform extends NetworkSource {
  /**
   * @param picture bytes, or another object accepted by the platform's `PictureSource`
   * @param name its name in errors
   * @param maxPixels the maximum number of pixels; undefined for the platform's own limit
   * @param admit awaited as soon as the number of pixels is known, if possible before they are decoded
   * @throws ImageError if it cannot be decoded
   */
  decode(
    picture: Exclude<Present, PixelImage>,
    name: string,
    maxPixels: number | undefined,
    admit: (pixels: number) => Promise<void>,
  ): Promise<PixelImage>;
}

/**
 * Minimum side of a picture in pixels: no face is found in smaller ones, and an age estimated from one would be
 * meaningless.
 */
const MIN_SIDE = 12;

/** Maximum number of decoded pictures in memory; more would not be decoded sooner by libuv's four threads. */
const MOST_DECODED = 4;

/** Maximum number of their pixels together: the default limit of a single one, 300 MB. */
const MOST_PIXELS = 100e6;

/** A picture whose faces have been detected and are being estimated. */
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
  private readonly pixels = new PixelBudget(MOST_PIXELS);
  /** Detection runs on one picture at a time: two at once would both be ready only when the later one is. */
  private readonly looking = new Turns(1);

  private constructor(
    private readonly platform: Platform,
    private readonly networks: FaceNetworks,
    private readonly maxPixels: number | undefined,
  ) {
    this.batcher = new Batcher(networks);
  }

  /**
   * Loads the networks requested by `options`.
   * @throws AgewiseError if a model cannot be loaded or a device is missing
   */
  static async load(platform: Platform, options: LoadOptions): Promise<LocalPipeline> {
    return new LocalPipeline(platform, await FaceNetworks.load(platform, options), options.maxPixels);
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
      // Other errors, such as a network's failure, are not the picture's fault and concern all pictures.
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
    await this.networks.dispose();
  }

  private async see(picture: Present, name: string, options: PictureOptions): Promise<Seen> {
    options.signal?.throwIfAborted();
    let release = () => {};
    const admit = async (pixels: number) => {
      release = await this.pixels.take(pixels);
    };
    try {
      return await this.look(await this.decode(picture, name, admit), options);
    } finally {
      release();
    }
  }

  private look(image: PixelImage, options: PictureOptions): Promise<Seen> {
    const { width, height } = image;
    return this.looking.take(async () => {
      options.signal?.throwIfAborted();
      const faces: Seen['faces'][number][] = [];
      const { frame } = options;
      const known = frame?.faces?.map(knownFace(image));
      const found = known ? await this.networks.turned(known) : await this.networks.find(image, options);
      const whole = {
        place: { box: { x: 0, y: 0, width, height }, score: null, landmarks: null },
        image,
        region: null,
      };
      const wanted = frame?.faces ? found : found && chooseFaces(found, options);
      const chosen = wanted?.map(({ face, turned, region }) => ({
        place: frame ? { ...face, view: viewFace(turned, region) } : face,
        image: turned,
        region,
      }));
      for (const { place, image: upright, region } of chosen ?? [whole]) {
        faces.push({ place, ...(await this.batcher.add(upright, region)) });
      }
      return { width, height, faces };
    });
  }

  private async decode(
    picture: Present,
    name: string,
    admit: (pixels: number) => Promise<void>,
  ): Promise<PixelImage> {
    const image = isPixels(picture)
      ? rgbImage(picture)
      : await this.platform.decode(picture, name, this.maxPixels, admit);
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
}

/** A face of known place in the form of a detected one. */
const knownFace =
  (turned: PixelImage) =>
  ({ box, score, landmarks }: FacePlace): FoundFace => {
    const face = { box, score: score ?? 0, landmarks: landmarks ?? middle(box) };
    return { face, turned, region: face };
  };

/** Typical landmarks for a box: level eyes. */
function middle({ x, y, width, height }: FacePlace['box']): Landmarks {
  const at = (across: number, down: number) => ({ x: x + across * width, y: y + down * height });
  return { rightEye: at(0.3, 0.4), leftEye: at(0.7, 0.4), nose: at(0.5, 0.6), mouth: at(0.5, 0.8) };
}
