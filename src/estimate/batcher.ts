/**
 * Batches faces from all pictures in progress, across concurrent calls: one run on several faces costs less than as
 * many runs. A face waits for others only while pictures in progress may add some.
 */
import type { FaceRegion, PixelImage } from '../vision/index.js';
import type { Crops } from './predictor.js';

/** Maximum batch size: beyond it memory grows, but speed hardly improves. */
export const BATCH = 4;

/** After this many pictures a partial batch runs anyway: portraits would have filled it. */
const MOST_PICTURES = BATCH;

/** The part of a `Predictor` that a batcher needs; `T` is the prediction for one face. */
export interface Runs<T> {
  allocate(count: number): Crops;
  prepare(image: PixelImage, region: FaceRegion | null, crops: Crops, place: number): void;
  predict(crops: Crops, count: number): Promise<readonly T[]>;
}

interface Batch<T> {
  readonly crops: Crops;
  readonly waiting: PromiseWithResolvers<T>[];
  /** The number of pictures added since its first face. */
  pictures: number;
}

export class Batcher<T> {
  private batch: Batch<T> | undefined;
  /** The memory of a batch that has run, for the next: each face overwrites the whole of its place. */
  private spare: Crops | undefined;
  /** Pictures in progress. */
  private coming = 0;

  constructor(private readonly networks: Runs<T>) {}

  /**
   * Runs the work on a picture, which may call `add`; meanwhile faces of other pictures wait for this one's. The work
   * must not wait for external input or for a prediction.
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
   * Crops a face into the current batch. Once this resolves, the picture is no longer needed; if the face fills the
   * batch, that includes its run.
   * @returns the prediction, wrapped in an object so that awaiting the crop does not await the prediction
   */
  async add(image: PixelImage, region: FaceRegion | null): Promise<{ readonly prediction: Promise<T> }> {
    this.batch ??= { crops: this.takeMemory(), waiting: [], pictures: 0 };
    const { batch } = this;
    this.networks.prepare(image, region, batch.crops, batch.waiting.length);
    const face = promiseWithResolvers<T>();
    // The caller handles a failure later; until then it must not count as unhandled.
    face.promise.catch(() => {});
    batch.waiting.push(face);
    if (batch.waiting.length === BATCH) await this.run(batch);
    return { prediction: face.promise };
  }

  /** Never rejects: a failure is passed to every face of the batch. */
  private async run({ crops, waiting }: Batch<T>): Promise<void> {
    this.batch = undefined;
    try {
      const predictions = await this.networks.predict(crops, waiting.length);
      waiting.forEach(({ resolve }, i) => {
        resolve(predictions[i]!);
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
    this.spare = crops;
  }

  private takeMemory(): Crops {
    const { spare } = this;
    this.spare = undefined;
    return spare ?? this.networks.allocate(BATCH);
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
