/** The page's estimators, one for each model, loaded on first use. */
import { AgeEstimator, type ProgressEvent } from './agewise.js';
import type { PageDevice } from './devices.js';

/** A model by its name, or a file that the visitor chose. */
export type ModelChoice = string | File;

export interface Wanted {
  readonly model: ModelChoice;
  readonly gender: boolean;
  readonly device: PageDevice;
}

/** Folders and files beside the page, or beside the element's script on other pages. */
export interface Places {
  readonly models: string;
  readonly wasm: string;
  readonly worker: string;
  /** By default the library chooses. */
  readonly threads?: number;
}

export class Estimators {
  private readonly loaded: { readonly wanted: Wanted; readonly estimator: Promise<AgeEstimator> }[] = [];

  constructor(
    private readonly places: Places,
    private readonly onProgress: (event: ProgressEvent) => void = () => {},
  ) {}

  /** @throws an error of one sentence if the model cannot be loaded */
  get(wanted: Wanted): Promise<AgeEstimator> {
    const known = this.loaded.find((one) => isSame(one.wanted, wanted));
    if (known) return known.estimator;
    const entry = { wanted, estimator: this.load(wanted) };
    this.loaded.push(entry);
    // A failure is reported to the caller; the next call tries again.
    entry.estimator.catch(() => this.loaded.splice(this.loaded.indexOf(entry), 1));
    return entry.estimator;
  }

  /** Frees the estimators that are not among those wanted. */
  async keep(wanted: readonly Wanted[]): Promise<void> {
    const gone = this.loaded.filter((one) => !wanted.some((other) => isSame(one.wanted, other)));
    for (const one of gone) this.loaded.splice(this.loaded.indexOf(one), 1);
    for (const { estimator } of gone) await (await estimator).dispose();
  }

  private async load({ model, gender, device }: Wanted): Promise<AgeEstimator> {
    const input =
      typeof model === 'string'
        ? model
        : { model: new Uint8Array(await model.arrayBuffer()), name: model.name };
    return AgeEstimator.load({
      models: [input],
      gender,
      device,
      // The service worker keeps all files.
      cache: false,
      workerUrl: this.places.worker,
      modelsUrl: this.places.models,
      wasmUrl: this.places.wasm,
      onProgress: this.onProgress,
      ...(this.places.threads !== undefined && { threads: this.places.threads }),
    });
  }
}

const isSame = (a: Wanted, b: Wanted): boolean =>
  a.model === b.model && a.gender === b.gender && a.device === b.device;

export const DEFAULT_MODEL = 'agewise-base';
const LIVE_MODEL = 'agewise-small';

/** The age models that lie in a folder, the default first. */
export async function modelNames(folder: string): Promise<string[]> {
  const names = (await (await fetch(`${folder}index.json`)).json()) as string[];
  return names.toSorted((a, b) => Number(b === DEFAULT_MODEL) - Number(a === DEFAULT_MODEL));
}

/** The model for live video: the fast one if it lies in the folder. */
export async function liveModel(folder: string): Promise<string> {
  const names: string[] = await modelNames(folder).catch(() => []);
  return names.includes(LIVE_MODEL) ? LIVE_MODEL : DEFAULT_MODEL;
}
