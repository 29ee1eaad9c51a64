/** Batches for training and evaluation, made ahead in threads. */
import type { AgeLabel } from '../../age/index.js';
import { type InputSpec, inputSize } from '../../vision/index.js';
import { DataError, type Gender } from '../types.js';
import type { Mix } from './augment/index.js';
import { orderStream } from './batch-maker.js';
import { type LabelledRows, type Labels, readLabels } from './labels.js';
import { LocalPool } from './local-pool.js';
import { type BadPicture, type CheckedOptions, checkOptions, type LoaderOptions } from './options.js';
import { type EpochOrder, shuffledOrder, storedOrder, weightedOrder } from './order.js';
import { WorkerPool } from './pool.js';
import type { BatchPool, MadeBatch } from './protocol.js';
import { bandWeights, smoothedWeights } from './weights.js';

export interface Batch {
  /** Both from 0. */
  readonly epoch: number;
  readonly step: number;
  /** `[N, 3, H, W]` or `[N, H, W, 3]`, as the input's layout says; empty once the next batch has been requested. */
  readonly images: Float32Array;
  /** The store's row numbers of the samples, including replacements: see `BadPicture`. */
  readonly rows: Uint32Array;
  readonly ages: readonly (AgeLabel | undefined)[];
  readonly genders: readonly (Gender | undefined)[];
  /** How images were blended; targets must be blended in the same way (`mixTargets`). Undefined without mixup. */
  readonly mix: Mix | undefined;
}

/** The position at which to start. */
export interface Start {
  readonly epoch?: number;
  readonly step?: number;
}

export interface BatchesOptions extends Start {
  /** Total number of epochs, counted from epoch 0; default unlimited. */
  readonly epochs?: number;
  readonly signal?: AbortSignal;
  /** False for labels alone: `images` are empty then, no picture is read, and there is no mixup. Default true. */
  readonly pictures?: boolean;
}

type Task = Pick<EpochOrder, 'members' | 'repeats'> & { readonly epoch: number; readonly step: number };

/**
 * Batches of a store's faces, cropped, augmented and prefetched in threads. The same seed gives the same batches,
 * independent of the number of threads and the starting position. Memory holds `prefetch` + 1 batches, and some 50
 * bytes per row.
 *
 * @example
 * const loader = await Loader.create(store, { input, batch: 64, rows: split.parts.get('train'), augment: {} });
 * for await (const { images, ages } of loader.batches({ epochs: 30 })) {
 *   images.length; // 64 · 3 · height · width
 *   ages[0];       // { age: 25 }
 * }
 * await loader.close();
 */
export class Loader {
  /** Batches in an epoch. */
  readonly stepsPerEpoch: number;
  private readonly reported = new Set<number>();
  private readonly free: ArrayBuffer[] = [];
  private lastOrder: { readonly epoch: number; readonly order: EpochOrder } | undefined;

  private constructor(
    private readonly pool: BatchPool,
    private readonly labels: Labels,
    private readonly input: InputSpec,
    private readonly options: CheckedOptions,
    private readonly weights: Float64Array | undefined,
    private readonly onBadPicture: (problem: BadPicture) => void,
  ) {
    const steps = labels.rows.length / options.batch;
    this.stepsPerEpoch = options.dropLast ? Math.floor(steps) : Math.ceil(steps);
  }

  /**
   * Reads the labels and starts the threads, which open the store themselves.
   * @throws DataError if an option is invalid, or the rows do not fill a batch.
   */
  static async create(store: LabelledRows, given: LoaderOptions): Promise<Loader> {
    const options = checkOptions(given);
    const { input, rows, boxes, onBadPicture = warn } = given;
    const labels = given.labels ?? (await readLabels(store, rows, boxes));
    const count = labels.rows.length;
    if (options.dropLast && count < options.batch) {
      throw new DataError(`${store.folder}: expected rows for a batch of ${options.batch}, found ${count}`);
    }
    const weights = weightsFor(options.sampling, labels);
    const settings = {
      folders: store.folders ?? [store.folder],
      input,
      seed: options.seed,
      augments: options.augments,
      rows: labels.rows,
      stores: labels.stores,
      boxes: labels.boxes,
    };
    const pool =
      options.workers === 0
        ? new LocalPool(store, settings)
        : await WorkerPool.start(options.workers, settings);
    return new Loader(pool, labels, input, options, weights, onBadPicture);
  }

  /**
   * Batches from a position on, in order.
   * @throws RangeError if epoch or step is not an integer from 0.
   * @throws DataError if a batch cannot be made; the signal's reason where it is aborted.
   */
  async *batches({
    signal,
    pictures = true,
    ...options
  }: BatchesOptions = {}): AsyncGenerator<Batch, void, undefined> {
    const tasks = this.tasks(options);
    const coming: Promise<Batch>[] = [];
    let current: Batch | undefined;
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (current !== undefined) this.recycle(current);
        current = undefined;
        while (coming.length < this.options.prefetch) {
          const { value: task } = tasks.next();
          if (!task) break;
          const batch = pictures ? this.make(task) : this.withoutPictures(task);
          // Reported when its turn comes, which may be never.
          batch.catch(() => {});
          coming.push(batch);
        }
        const next = coming.shift();
        if (next === undefined) return;
        current = await unlessAborted(next, signal);
        yield current;
      }
    } finally {
      // Batches in progress are recycled as memory.
      for (const batch of coming) batch.then((made) => this.recycle(made)).catch(() => {});
    }
  }

  /** Ends the threads; pending batches fail. */
  async close(): Promise<void> {
    await this.pool.close();
  }

  private *tasks({
    epoch = 0,
    step = 0,
    epochs = Number.POSITIVE_INFINITY,
  }: Omit<BatchesOptions, 'signal' | 'pictures'>) {
    const { batch } = this.options;
    for (const [name, from] of Object.entries({ epoch, step })) {
      if (!(Number.isInteger(from) && from >= 0)) {
        throw new RangeError(`${name}: expected a whole number from 0, found ${from}`);
      }
    }
    for (let e = epoch; e < epochs; e++) {
      for (let s = e === epoch ? step : 0; s < this.stepsPerEpoch; s++) {
        const { members, repeats } = this.order(e);
        const [from, to] = [s * batch, Math.min((s + 1) * batch, members.length)];
        yield {
          epoch: e,
          step: s,
          members: members.slice(from, to),
          repeats: repeats.slice(from, to),
        } as Task;
      }
    }
  }

  private order(epoch: number): EpochOrder {
    if (this.lastOrder?.epoch === epoch) return this.lastOrder.order;
    const count = this.labels.rows.length;
    const random = orderStream(this.options.seed, epoch);
    const order =
      this.weights !== undefined
        ? weightedOrder(this.weights, random)
        : this.options.sampling === 'stored'
          ? storedOrder(count)
          : shuffledOrder(count, random);
    this.lastOrder = { epoch, order };
    return order;
  }

  private async make(task: Task): Promise<Batch> {
    const bytes = this.options.batch * inputSize(this.input) * Float32Array.BYTES_PER_ELEMENT;
    const memory = this.free.pop() ?? new ArrayBuffer(bytes);
    const made = await this.pool.make({ ...task, memory });
    return this.labelled(task, made);
  }

  private async withoutPictures(task: Task): Promise<Batch> {
    return this.labelled(task, { memory: new ArrayBuffer(0), replacements: [], mix: undefined });
  }

  private labelled(task: Task, { memory, replacements, mix }: MadeBatch): Batch {
    const { rows, ages, genders } = this.labels;
    const { epoch, step, members } = task;
    for (const { position, badMember, member, message } of replacements) {
      members[position] = member;
      const row = rows[badMember]!;
      if (this.reported.has(row)) continue;
      this.reported.add(row);
      this.onBadPicture({ row, replacement: rows[member]!, message });
    }
    const list = [...members];
    return {
      epoch,
      step,
      images: new Float32Array(
        memory,
        0,
        memory.byteLength === 0 ? 0 : members.length * inputSize(this.input),
      ),
      rows: members.map((member) => rows[member]!),
      ages: list.map((member) => ages[member]),
      genders: list.map((member) => genders[member]),
      mix,
    };
  }

  private recycle({ images }: Batch): void {
    // Unless its user has transferred it elsewhere.
    if (images.buffer.byteLength > 0) this.free.push(images.buffer as ArrayBuffer);
  }
}

function weightsFor(sampling: CheckedOptions['sampling'], { ages, rows }: Labels): Float64Array | undefined {
  if (sampling === 'balanced') return bandWeights(ages);
  if (sampling === 'smoothed') return smoothedWeights(ages);
  if (typeof sampling === 'string') return undefined;
  const { weights } = sampling;
  if (weights.length !== rows.length) {
    throw new DataError(`Loader option 'sampling.weights': expected ${rows.length}, found ${weights.length}`);
  }
  const wrong = weights.find((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (wrong !== undefined || !weights.some((weight) => weight > 0)) {
    throw new DataError(
      `Loader option 'sampling.weights': expected numbers from 0, found ${wrong ?? 'zeros'}`,
    );
  }
  return weights;
}

function warn({ message, replacement }: BadPicture): void {
  process.emitWarning(`${message}; row ${replacement} replaces it`, 'BadPicture');
}

/** Waits for the promise or until the signal is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
