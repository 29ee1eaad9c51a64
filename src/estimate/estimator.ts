/**
 * `AgeEstimator`: pictures in, faces with their ages out, one picture, a list or a stream. A `Pipeline` does the
 * estimating; this file handles order, limits on pictures in memory, and disposal.
 */
// Declarations name Symbol.asyncDispose, which a consumer's own libraries may lack.
/// <reference lib="esnext.disposable" preserve="true" />
import { inOrder } from './in-order.js';
import {
  described,
  type ImageInput,
  nameOf,
  type PictureSource,
  type Present,
  presentImage,
  readFailure,
  shortened,
} from './inputs.js';
import {
  checkOptions,
  ESTIMATE_RULES,
  type EstimateOptions,
  type FaceOptions,
  FOLLOW_RULES,
  type FollowOptions,
  faceOptions,
  STREAM_RULES,
  type StreamOptions,
} from './options.js';
import type { Outcome, PictureOptions, Pipeline } from './pipeline.js';
import type { ImageEstimate, ImageFailure, PictureLabel } from './types.js';
import { FaceFollower, type FrameEstimate } from './video.js';

/** Pictures of a stream not yet seen by a detector: one is being detected while the next is decoded. */
const MOST_UNSEEN = 2;

/** Results of a stream in progress or not yet consumed. */
const MOST_AHEAD = 8;

/** The result for each picture of a list or a stream. */
export type PictureResult = ImageEstimate | ImageFailure;

/** A frame of a video. */
export interface Frame<Input = ImageInput> {
  readonly image: Input;
  /** In seconds, later than that of the frame before. */
  readonly time: number;
}

/** A source of pictures. A string is not one, though it is iterable. */
export type Pictures<Input = ImageInput> = (Iterable<Input> | AsyncIterable<Input>) & {
  readonly charAt?: never;
};

/** Estimates ages; each platform's `AgeEstimator` adds loading and its own kinds of pictures. */
export class Estimator<Input = ImageInput> {
  /** Calls and pictures in progress. */
  private readonly running = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();
  private disposal: Promise<void> | undefined;

  protected constructor(
    private readonly pipeline: Pipeline,
    private readonly pictures: PictureSource,
    private readonly defaults: FaceOptions,
  ) {}

  /**
   * Estimates the faces of one picture. Rejects if the picture cannot be read.
   *
   * @example
   * const { width, height, faces } = await estimator.estimate('photo.jpg');
   * width;        // 1920
   * faces.length; // 3
   * faces[0].age; // 34.8
   */
  async estimate(image: Input, options?: EstimateOptions): Promise<ImageEstimate>;
  /**
   * Estimates the faces of each picture, in order. One that cannot be read does not affect the others.
   *
   * @example
   * const results = await estimator.estimate(['a.jpg', 'missing.jpg']);
   * results[0].faces.length;  // 3
   * results[1].error.message; // one sentence that names missing.jpg
   */
  async estimate(images: readonly Input[], options?: EstimateOptions): Promise<PictureResult[]>;
  async estimate(
    input: Input | readonly Input[],
    options: EstimateOptions = {},
  ): Promise<ImageEstimate | PictureResult[]> {
    checkOptions(options, ESTIMATE_RULES);
    this.checkOpen();
    const { onProgress, ...rest } = options;
    return this.untilDone(async () => {
      const images = Array.isArray(input) ? (input as readonly Input[]) : [input as Input];
      // One of many fetches may fail before its turn comes; until then it must not count as unhandled.
      for (const image of images) if (image instanceof Promise) image.catch(() => {});
      const results: PictureResult[] = [];
      for await (const result of this.results(images, rest)) {
        results.push(result);
        onProgress?.({ phase: 'estimate', done: results.length, total: images.length });
      }
      if (Array.isArray(input)) return results;
      const { index: _, ...result } = results[0]!;
      if ('error' in result) throw result.error;
      return result as ImageEstimate;
    });
  }

  /**
   * Estimates any number of pictures in order, with only a few in memory at a time. A result is yielded as soon as it
   * is ready, even if the source has no next picture yet, so the source may be a camera or a queue.
   *
   * @example
   * for await (const result of estimator.stream(pathsOfFolder)) {
   *   if ('error' in result) console.error(`${result.source}: ${result.error.message}`);
   *   else console.log(result.source, result.faces);
   * }
   *
   * @throws TypeError if `images` is a single picture or not iterable
   */
  stream(
    images: Pictures<Input>,
    options: StreamOptions = {},
  ): AsyncGenerator<PictureResult, void, undefined> {
    checkPictures(images);
    checkOptions(options, STREAM_RULES);
    this.checkOpen();
    return this.results(images, options, this.closing.signal);
  }

  /**
   * Follows faces through the frames of a video: each face has an id and an age averaged over all its views. One frame is
   * processed at a time, and the next is taken only after the result of the last was consumed, so a camera can supply its
   * newest frame and no queue grows.
   *
   * @example
   * for await (const { time, faces } of estimator.follow(framesOfVideo)) {
   *   for (const { id, face } of faces) console.log(time, id, face.age);
   * }
   *
   * @throws ImageError for a frame that cannot be read
   */
  async *follow(
    frames: Iterable<Frame<Input>> | AsyncIterable<Frame<Input>>,
    options: FollowOptions & StreamOptions = {},
  ): AsyncGenerator<FrameEstimate, void, undefined> {
    checkOptions(options, FOLLOW_RULES);
    const { signal, ...rest } = options;
    const follower = new FaceFollower(rest);
    const faces = { ...this.defaults, ...faceOptions(rest) };
    for await (const { image, time } of frames) {
      signal?.throwIfAborted();
      this.checkOpen();
      const how = { ...faces, frame: follower.next(time), ...(signal && { signal }) };
      const { outcome } = await this.untilDone(() => this.named(image, how, () => {}));
      if ('error' in outcome) throw outcome.error;
      const { width, height } = outcome;
      yield { time, width, height, faces: follower.take(time, outcome.faces) };
    }
  }

  /**
   * Frees the networks' memory after running calls of `estimate` and the pictures in progress of streams have finished;
   * streams then throw. The estimator cannot be used afterwards. Calling it again has no effect.
   */
  dispose(): Promise<void> {
    this.disposal ??= this.close();
    return this.disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  private async close(): Promise<void> {
    this.closing.abort(disposed());
    while (this.running.size > 0) await Promise.allSettled(this.running);
    await this.pipeline.dispose();
  }

  private results(
    images: Pictures<Input>,
    { signal, ...faces }: StreamOptions,
    closing?: AbortSignal,
  ): AsyncGenerator<PictureResult, void, undefined> {
    const options = { ...this.defaults, ...faceOptions(faces) };
    const { pipeline } = this;
    return inOrder(
      images,
      (image, index, onSeen, ended) =>
        this.untilDone(async () => {
          const { outcome, source } = await this.named(image, { ...options, signal: ended }, onSeen);
          return labelled(outcome, index, source);
        }),
      {
        get mostUnseen() {
          return MOST_UNSEEN * (pipeline.parallel ?? 1);
        },
        get mostAhead() {
          return MOST_AHEAD * (pipeline.parallel ?? 1);
        },
        signals: [signal, closing].filter((s) => s !== undefined),
      },
    );
  }

  /** A picture's outcome and its name. */
  private async named(
    given: Input | Promise<Input>,
    options: PictureOptions,
    onSeen: () => void,
  ): Promise<{ readonly outcome: Outcome; readonly source: string | undefined }> {
    let source: string | undefined;
    let picture: Present;
    try {
      const image = await given;
      source = nameOf(image);
      // The pipeline gets loaded pictures only, so that other pictures' faces do not wait for this one to arrive.
      picture = await presentImage(image, this.pictures);
    } catch (error) {
      onSeen();
      return { outcome: { error: readFailure(error, source) }, source };
    }
    const name = shortened(source ?? 'image');
    return { outcome: await this.pipeline.estimate(picture, name, options, onSeen), source };
  }

  private checkOpen(): void {
    if (this.disposal !== undefined) throw disposed();
  }

  private untilDone<T>(work: () => Promise<T>): Promise<T> {
    const promise = work();
    const end = () => {
      this.running.delete(ended);
    };
    const ended: Promise<void> = promise.then(end, end);
    this.running.add(ended);
    return promise;
  }
}

const disposed = () => new Error('The estimator has been disposed');

function labelled(outcome: Outcome, index: number, source: string | undefined): PictureResult {
  const label = { index, ...(source !== undefined && { source }) };
  return 'error' in outcome ? new Failure(label, outcome.error) : { ...label, ...outcome };
}

/** Its JSON is that of `agewise estimate --json`: the error becomes its message. */
class Failure implements ImageFailure {
  declare readonly index?: number;
  declare readonly source?: string;

  constructor(
    label: PictureLabel,
    readonly error: Error,
  ) {
    Object.assign(this, label);
  }

  toJSON() {
    return { ...this, error: this.error.message };
  }
}

/** Rejects strings and bytes, which are iterable but not lists of pictures. */
function checkPictures(images: unknown): void {
  const several =
    typeof images === 'object' &&
    images !== null &&
    !ArrayBuffer.isView(images) &&
    (Symbol.asyncIterator in images || Symbol.iterator in images);
  if (!several) {
    throw new TypeError(
      `images: expected a list or another source of pictures, found ${described(images)}; use estimate() for a single picture`,
    );
  }
}
