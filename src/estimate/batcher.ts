/**
 * Faces of all pictures that an estimator has in hand, whoever gave them, share runs of the networks: a run of several
 * costs less than as many runs. A face waits for others only as long as there are pictures that may bring them.
 */
import type { FaceRegion, PixelImage } from '../vision/index.js';
import type { Crops } from './predictor.js';

/** The most faces of one run: beyond, memory grows and speed hardly does. */
export const BATCH = 4;

/** After so many pictures a face waits no longer for its run to fill: portraits would have filled it. */
const MOST_PICTURES = BATCH;

/** The part of a `Predictor` that a batcher needs; `T` is what it says of a face. */
export interface Runs<T> {
  allocate(count: number): Crops;
  prepare(image: PixelImage, region: FaceRegion | null, crops: Crops, place: number): void;
  predict(crops: Crops, count: number): Promise<readonly T[]>;
}

interface Batch<T> {
  readonly crops: Crops;
  readonly waiting: PromiseWithResolvers<T>[];
  /** How many pictures have come since its first face. */
  pictures: number;
}

export class Batcher<T> {
  private batch: Batch<T> | undefined;
  /** Pictures that are on their way. */
  private coming = 0;

  constructor(private readonly networks: Runs<T>) {}

  /**
   * Does the work on a picture that may call `add`: until it is done, faces of other pictures wait for its own. It must
   * not wait for what is not there yet, nor for a prediction.
   */
  async during<R>(work: () => Promise<R>): Promise<R> {
    this.coming++;
    try {
      return await work();
    } finally {
      this.coming--;
      const { batch } = this;
      if (batch !== undefined && (++batch.pictures >= MOST_PICTURES || this.coming === 0))
        void this.run(batch);
    }
  }

  /**
   * Cuts a face out. The picture is needed no longer once that resolves, which takes a run where the face fills one.
   * @returns what is said of the face, in an object, so that awaiting the one does not await the other
   */
  async add(image: PixelImage, region: FaceRegion | null): Promise<{ readonly prediction: Promise<T> }> {
    this.batch ??= { crops: this.networks.allocate(BATCH), waiting: [], pictures: 0 };
    const { batch } = this;
    this.networks.prepare(image, region, batch.crops, batch.waiting.length);
    const face = promiseWithResolvers<T>();
    // A failure is its taker's; until somebody takes it, it must not count as unhandled.
    face.promise.catch(() => {});
    batch.waiting.push(face);
    if (batch.waiting.length === BATCH) await this.run(batch);
    return { prediction: face.promise };
  }

  /** Never rejects: a failure is that of every face in the run. */
  private async run({ crops, waiting }: Batch<T>): Promise<void> {
    this.batch = undefined;
    try {
      const said = await this.networks.predict(crops, waiting.length);
      waiting.forEach(({ resolve }, i) => {
        resolve(said[i]!);
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers`, which Node has from 22 on. */
function promiseWithResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: PromiseWithResolvers<T>['resolve'];
  let reject!: PromiseWithResolvers<T>['reject'];
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}
