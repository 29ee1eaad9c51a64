/**
 * Training in a browser tab: the age head of a model is fine-tuned on pictures that the visitor labels, in a worker. No picture
 * leaves the machine. The result is an `.onnx` file, which `AgeEstimator` uses in the browser and in Node.
 */
import { isForeign, workerAddress } from '../runtime/web.js';
import { bitmapOf, isCloneable, isWebImage, type WebImage } from '../vision/web.js';
import type { HeadEpoch, HeadOptions } from './heads/index.js';
import { TrainingError } from './training-error.js';
import type { SentPicture, TrainerSettings } from './web-trainer.js';
import type { TrainerAnswer, TrainerTask } from './web-worker.js';

/** A picture and the age in years of the person on it; if it shows several faces, the largest counts. */
export interface LabelledPicture {
  readonly image: Blob | Uint8Array | WebImage;
  readonly age: number;
}

export interface FineTuneOptions extends HeadOptions {
  /** The model to start from: the name of a shipped one, a URL or its bytes. Default `agewise-base`. */
  readonly model?: string | URL | Uint8Array;
  /** The share of the pictures held out to measure on, 0 to below 1; default 0.25. The layer that does best on them is kept. */
  readonly validationShare?: number;
  /** Whether each picture is one cropped face, so that no face is looked for. Default false. */
  readonly cropped?: boolean;
  /** Default `webgpu` if there is a GPU, otherwise `cpu`, which is WebAssembly. */
  readonly device?: 'cpu' | 'webgpu';
  /** Threads on the CPU; by default a short measurement chooses the fastest number. */
  readonly threads?: number;
  /** As in `AgeEstimator.load` of `agewise/web`; the worker is the package's `dist/browser/train-worker.js`. */
  readonly modelsUrl?: string | URL;
  readonly wasmUrl?: string | URL;
  readonly workerUrl?: string | URL;
  readonly cache?: boolean;
  /** Called after each picture, with its problem if it cannot be used. */
  readonly onPicture?: (index: number, problem: Error | undefined) => void;
  /** Called after each epoch, with a point of the curve; epoch 0 is the model before training. */
  readonly onEpoch?: (record: HeadEpoch) => void;
  /** Stops training after the current epoch: the result is what was learnt so far. Before training it rejects. */
  readonly signal?: AbortSignal;
}

export interface FineTuned {
  /** The file of the model, for download or as `models: [model]`. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** The epoch whose layer it has. */
  readonly epoch: number;
  readonly history: readonly HeadEpoch[];
  /** The indices of pictures that could not be used, and why. */
  readonly unused: readonly { readonly index: number; readonly error: Error }[];
}

/** Hides URLs of files from bundlers, which would try to bundle them. */
const HERE = import.meta.url;
const NAME = 'agewise-training';
const VALIDATION_SHARE = 0.25;
/** With fewer, training is memorizing. */
const LEAST_PICTURES = 8;

/**
 * Fine-tunes a model's age head.
 *
 * @example
 * const { model, history } = await fineTune(labelledFolder(input.files), { modelsUrl: '/models/', wasmUrl: '/onnxruntime-web/' });
 * const estimator = await AgeEstimator.load({ models: [model], modelsUrl: '/models/', wasmUrl: '/onnxruntime-web/' });
 *
 * @throws an error of one sentence if the model cannot be loaded or fewer than eight pictures can be used
 */
export async function fineTune(
  pictures: readonly LabelledPicture[],
  options: FineTuneOptions = {},
): Promise<FineTuned> {
  const { onPicture, onEpoch, signal, validationShare = VALIDATION_SHARE } = options;
  signal?.throwIfAborted();
  const worker = new TrainingWorker(options.workerUrl);
  try {
    await worker.ask({ kind: 'load', settings: settingsOf(options) });
    const unused: { index: number; error: Error }[] = [];
    for (const [index, { image, age }] of pictures.entries()) {
      signal?.throwIfAborted();
      const name = image instanceof File ? image.name : `picture ${index + 1}`;
      let problem: Error | undefined;
      try {
        const { sent, transfer } = await packed(image, name);
        await worker.ask({ kind: 'add', picture: sent, name, age }, transfer);
      } catch (error) {
        if (worker.lost) throw error;
        problem = error as Error;
        unused.push({ index, error: problem });
      }
      onPicture?.(index, problem);
    }
    const usable = pictures.length - unused.length;
    if (usable < LEAST_PICTURES) {
      const found = `${usable} of ${pictures.length}${unused[0] ? ` (${unused[0].error.message})` : ''}`;
      const expected = `at least ${LEAST_PICTURES} with a face`;
      throw new TrainingError({ subject: 'Pictures', expected, found }, { kind: 'input' });
    }
    signal?.throwIfAborted();
    const stop = () => worker.post({ kind: 'stop' });
    signal?.addEventListener('abort', stop);
    try {
      const task = { kind: 'train', options: { ...headOptions(options), validationShare } } as const;
      const answer = await worker.ask(task, [], onEpoch);
      const { bytes, epoch, history } = answer as Extract<TrainerAnswer, { kind: 'trained' }>;
      return { model: bytes, epoch, history, unused };
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  } finally {
    worker.end();
  }
}

/**
 * The pictures of a folder whose subfolders are named by ages, as `<input type=file webkitdirectory>` gives it:
 * `faces/34/a.jpg` is labelled 34. Files elsewhere are left out.
 */
export function labelledFolder(files: Iterable<File>): { readonly image: File; readonly age: number }[] {
  return [...files].flatMap((image) => {
    const folder = image.webkitRelativePath.split('/').at(-2) ?? '';
    return /^\d{1,3}$/.test(folder) ? [{ image, age: Number(folder) }] : [];
  });
}

function headOptions({ epochs, learningRate, batch, weightDecay, seed }: FineTuneOptions): HeadOptions {
  const given = Object.entries({ epochs, learningRate, batch, weightDecay, seed });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

class TrainingWorker {
  lost = false;
  private readonly worker: Worker;

  constructor(url: string | URL | undefined) {
    const script = addressOf(url);
    this.worker =
      url === undefined && !isForeign(script)
        ? // Bundlers recognize exactly this form.
          new Worker(new URL('../browser/train-worker.js', import.meta.url), { type: 'module', name: NAME })
        : new Worker(workerAddress(script), { type: 'module', name: NAME });
  }

  post(task: TrainerTask, transfer: readonly Transferable[] = []): void {
    this.worker.postMessage(task, [...transfer]);
  }

  /** @throws an error with the worker's reason */
  ask(
    task: TrainerTask,
    transfer: readonly Transferable[] = [],
    onEpoch?: (record: HeadEpoch) => void,
  ): Promise<TrainerAnswer> {
    return new Promise((resolve, reject) => {
      this.worker.onerror = ({ message }) => {
        this.lost = true;
        const problem = `it has failed or cannot be started (${message ?? 'no reason given'}); workerUrl names the package's dist/browser/train-worker.js`;
        reject(new TrainingError({ subject: "The training's worker", problem }));
      };
      this.worker.onmessage = ({ data }: MessageEvent<TrainerAnswer>) => {
        if (data.kind === 'epoch') onEpoch?.(data.record);
        else if (data.kind !== 'failed') resolve(data);
        else reject(data.expected ? new TrainingError(data.message) : new Error(data.message));
      };
      this.post(task, transfer);
    });
  }

  end(): void {
    this.worker.terminate();
  }
}

async function packed(
  image: LabelledPicture['image'],
  name: string,
): Promise<{ readonly sent: SentPicture; readonly transfer: readonly Transferable[] }> {
  if (!isWebImage(image) || isCloneable(image)) return { sent: image, transfer: [] };
  const bitmap = await bitmapOf(image, name);
  return { sent: bitmap, transfer: [bitmap] };
}

function settingsOf(options: FineTuneOptions): TrainerSettings {
  const { model = 'agewise-base', device, threads, cropped = false, cache = true } = options;
  return {
    base: base(),
    modelsUrl: folder(options.modelsUrl ?? new URL('../../models/', HERE)),
    wasmUrl: folder(options.wasmUrl ?? new URL('../../../onnxruntime-web/dist/', HERE)),
    workerUrl: workerAddress(addressOf(options.workerUrl)),
    model: model instanceof URL ? model.href : model,
    ...{ device, threads, cropped, cache },
  };
}

const base = (): string => globalThis.document?.baseURI ?? globalThis.location.href;
const folder = (address: string | URL): string => new URL(address, base()).href.replace(/\/?$/, '/');
const addressOf = (worker: string | URL | undefined): string =>
  new URL(worker ?? new URL('../browser/train-worker.js', HERE), base()).href;

export type { WebImage } from '../vision/web.js';
export type { HeadEpoch, HeadOptions } from './heads/index.js';
export { TrainingError } from './training-error.js';
