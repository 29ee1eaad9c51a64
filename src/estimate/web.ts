/**
 * The estimator's door in a browser, for a page or a worker of it: the age of every face in a picture. Nothing leaves
 * the machine; models and onnxruntime-web's files are fetched from where the page has them.
 */
import type { Device } from '../runtime/index.js';
import { isForeign, workerAddress } from '../runtime/web.js';
import { ImageError } from '../vision/index.js';
import { isWebImage, type WebImage } from '../vision/web.js';
import { Estimator, type PictureResult } from './estimator.js';
import { type ImageInput, type PictureSource, readBytes, shortened } from './inputs.js';
import {
  checkOptions,
  type EstimateOptions,
  faceOptions,
  LOAD_RULES,
  type LoadOptions,
  type OptionRules,
  type StreamOptions,
} from './options.js';
import { plainOptions, RemotePipeline } from './remote-pipeline.js';
import type { ImageEstimate } from './types.js';
import { openWorker } from './web-line.js';
import type { WebSettings } from './web-platform.js';

/** A picture: an address, a file's bytes, pixels, or a picture of the browser's, such as a video's frame. */
export type WebImageInput = ImageInput | WebImage;

/** The URLs of files that are loaded at run time; relative ones are relative to the page. */
export interface WebAddresses {
  /** The folder with the shipped models, the package's `models`; by default its place relative to this module. */
  readonly modelsUrl?: string | URL;
  /** The folder with onnxruntime-web's `.mjs` and `.wasm` files, its `dist`; by default its place next to this package. */
  readonly wasmUrl?: string | URL;
  /**
   * The worker's script, the package's `dist/browser/worker.js`; by default its place relative to this module, which bundlers
   * such as Vite recognize. On another origin it needs CORS, and a content security policy `worker-src blob:`.
   */
  readonly workerUrl?: string | URL;
}

export interface WebLoadOptions extends LoadOptions, WebAddresses {
  /** Default `webgpu` if there is a GPU, otherwise `cpu`, which is WebAssembly. */
  readonly device?: Device;
  /** Threads on the CPU, which need a cross-origin isolated page; by default a short measurement chooses the fastest number. */
  readonly threads?: number;
  /** Whether to decode pictures and run networks in a worker, which keeps the page responsive. Default true. */
  readonly worker?: boolean;
  /** Whether to keep models and WebAssembly files with known hashes in Cache Storage. Default true. */
  readonly cache?: boolean;
}

const flag = { type: 'boolean', expected: 'true or false' } as const;

const RULES: OptionRules<WebLoadOptions> = {
  ...LOAD_RULES,
  worker: flag,
  cache: flag,
  modelsUrl: 'checked where it is used',
  wasmUrl: 'checked where it is used',
  workerUrl: 'checked where it is used',
};

/** Hides URLs of files from bundlers, which would try to bundle them. */
const HERE = import.meta.url;

const pictures: PictureSource = {
  async locate(address) {
    try {
      return await readBytes(await fetch(address));
    } catch (error) {
      if (error instanceof ImageError) throw error;
      const found = `an address that cannot be fetched (${(error as Error).message})`;
      throw new ImageError(shortened(String(address)), 'an image', found, { cause: error });
    }
  },
  isPicture: isWebImage,
};

export class AgeEstimator extends Estimator<WebImageInput> {
  /**
   * Loads the networks.
   *
   * @example
   * const estimator = await AgeEstimator.load({ modelsUrl: '/models/', wasmUrl: '/onnxruntime-web/' });
   * const { faces } = await estimator.estimate(document.querySelector('img'));
   * for (const face of faces) console.log(face.age, face.interval, face.atLeast(18));
   * await estimator.dispose();
   *
   * @throws TypeError or RangeError if an option is invalid, an error of one sentence if a model
   * cannot be loaded or a device is missing
   */
  static async load(options: WebLoadOptions = {}): Promise<AgeEstimator> {
    checkOptions(options, RULES);
    const { worker = true, workerUrl, modelsUrl, wasmUrl, cache = true, onProgress, ...rest } = options;
    const script = new URL(workerUrl ?? new URL('../browser/worker.js', HERE), base()).href;
    const settings: WebSettings = {
      options: plainOptions(rest),
      base: base(),
      modelsUrl: folder(modelsUrl ?? new URL('../../models/', HERE)),
      wasmUrl: folder(wasmUrl ?? new URL('../../../onnxruntime-web/dist/', HERE)),
      workerUrl: workerAddress(script),
      cache,
    };
    const line = {
      script: workerUrl === undefined && !isForeign(script) ? undefined : script,
      maxPixels: rest.maxPixels,
    };
    // Loaded on demand, since a page with a worker does not need it.
    const openHere = worker ? undefined : (await import('./web-here.js')).openHere;
    const pipeline = await RemotePipeline.load(
      openHere ?? ((events) => openWorker(line, events)),
      settings,
      onProgress,
    );
    return new AgeEstimator(pipeline, pictures, faceOptions(rest));
  }
}

const base = (): string => globalThis.document?.baseURI ?? globalThis.location.href;

/** The absolute address of a folder, which ends in a slash. */
const folder = (address: string | URL): string => new URL(address, base()).href.replace(/\/?$/, '/');

export { ModelFileError } from '../registry/index.js';
export type { WebImage } from '../vision/web.js';
export * from './shared.js';
export type { EstimateOptions, ImageEstimate, PictureResult, StreamOptions };
