/**
 * `AgeEstimator`: pictures in, faces with their ages out, one picture, a list or a stream. How a picture is estimated
 * and where is a `Pipeline`'s business; this file sees to order, to what is held at a time, and to the end.
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
  shortened,
} from './inputs.js';
import {
  checkOptions,
  ESTIMATE_RULES,
  type EstimateOptions,
  type FaceOptions,
  faceOptions,
  STREAM_RULES,
  type StreamOptions,
} from './options.js';
import type { Outcome, PictureOptions, Pipeline } from './pipeline.js';
import type { ImageEstimate, ImageFailure, PictureLabel } from './types.js';

/** Pictures of a stream that are not seen yet: one is looked at while the next is decoded. */
const MOST_UNSEEN = 2;

/** Results of a stream that are on their way or wait to be taken. */
const MOST_AHEAD = 8;

/** What a list or a stream gives for each of its pictures. */
export type PictureResult = ImageEstimate | ImageFailure;

/** A source of pictures, which a text is not, though it gives letters. */
export type Pictures<Input = ImageInput> = (Iterable<Input> | AsyncIterable<Input>) & {
  readonly charAt?: never;
};

/** Estimates ages; each platform's `AgeEstimator` adds how it is loaded there, and what pictures there are. */
export class Estimator<Input = ImageInput> {
  /** Calls and pictures that have not ended. */
  private readonly running = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();
  private disposal: Promise<void> | undefined;

  protected constructor(
    private readonly pipeline: Pipeline,
    private readonly pictures: PictureSource,
    private readonly defaults: FaceOptions,
  ) {}

  /**
   * Estimates the faces of one picture. A picture that cannot be read rejects.
   *
   * @example
   * const { width, height, faces } = await estimator.estimate('photo.jpg');
   * width;        // 1920
   * faces.length; // 3
   * faces[0].age; // 34.8
   */
  async estimate(image: Input, options?: EstimateOptions): Promise<ImageEstimate>;
  /**
   * Estimates the faces of each picture, in order. One that cannot be read costs that one alone.
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
   * Estimates pictures as they come, in their order, however many: only a few are held at a time. A result is given as
   * soon as it is there, also while the source has no next picture yet, so the source may be a camera or a queue.
   *
   * @example
   * for await (const result of estimator.stream(pathsOfFolder)) {
   *   if ('error' in result) console.error(`${result.source}: ${result.error.message}`);
   *   else console.log(result.source, result.faces);
   * }
   *
   * @throws TypeError where `images` is one picture, or nothing that gives one after another
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
   * Frees the networks' memory once the calls of `estimate` that are under way have ended, and the pictures that streams
   * have in hand; a stream that is asked for more throws. The estimator cannot be used afterwards. A second time does
   * nothing more.
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
    return inOrder(
      images,
      (image, index, onSeen, ended) =>
        this.untilDone(async () => {
          const source = nameOf(image);
          const outcome = await this.outcome(image, source, { ...options, signal: ended }, onSeen);
          return labelled(outcome, index, source);
        }),
      {
        mostUnseen: MOST_UNSEEN,
        mostAhead: MOST_AHEAD,
        signals: [signal, closing].filter((s) => s !== undefined),
      },
    );
  }

  private async outcome(
    image: Input,
    source: string | undefined,
    options: PictureOptions,
    onSeen: () => void,
  ): Promise<Outcome> {
    let picture: Present;
    try {
      // The pipeline is given what is there: no other picture's faces wait while this one is on its way.
      picture = await presentImage(image, this.pictures);
    } catch (error) {
      onSeen();
      return { error: error as Error };
    }
    return this.pipeline.estimate(picture, shortened(source ?? 'image'), options, onSeen);
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

/** Its JSON is that of `agewise estimate --json`: the error is its sentence. */
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

/** Refuses a text, which gives letters, and bytes, which give numbers. */
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
