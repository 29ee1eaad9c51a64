/**
 * The estimator's door in a browser, for a page or a worker of it: the age of every face in a picture. Nothing leaves
 * the machine; models and onnxruntime-web's files are fetched from where the page has them.
 */
import { modelFetcher } from '../registry/web.js';
import { webSessions } from '../runtime/web.js';
import { ImageError } from '../vision/index.js';
import { decodeImage, isWebImage, type WebImage } from '../vision/web.js';
import { Estimator, type PictureResult } from './estimator.js';
import { type ImageInput, type PictureSource, readBytes, shortened } from './inputs.js';
import { LocalPipeline, type Platform } from './local-pipeline.js';
import {
  checkOptions,
  type EstimateOptions,
  faceOptions,
  LOAD_RULES,
  type LoadOptions,
  type OptionRules,
  type StreamOptions,
} from './options.js';
import type { ImageEstimate } from './types.js';

/** A picture: an address, a file's bytes, pixels, or a picture of the browser's, such as a video's frame. */
export type WebImageInput = ImageInput | WebImage;

export interface WebLoadOptions extends LoadOptions {
  /** The address of the folder of models that ship, the package's `models`; default where it lies beside this file. */
  readonly modelsUrl?: string | URL;
  /** The address of the folder of onnxruntime-web's `.mjs` and `.wasm` files, its `dist`; default beside its script. */
  readonly wasmUrl?: string | URL;
}

const RULES: OptionRules<WebLoadOptions> = {
  ...LOAD_RULES,
  modelsUrl: 'checked where it is used',
  wasmUrl: 'checked where it is used',
};

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
   * const estimator = await AgeEstimator.load({ modelsUrl: '/models/', wasmUrl: '/wasm/' });
   * const { faces } = await estimator.estimate(document.querySelector('img'));
   * for (const face of faces) console.log(face.age, face.interval, face.atLeast(18));
   * await estimator.dispose();
   *
   * @throws TypeError or RangeError where an option is not as it should be, an error of one sentence where a model
   * cannot be loaded or a device is missing
   */
  static async load(options: WebLoadOptions = {}): Promise<AgeEstimator> {
    checkOptions(options, RULES);
    const { modelsUrl = new URL('../../models/', import.meta.url), wasmUrl, ...rest } = options;
    const platform: Platform = {
      decode: (picture, name, maxPixels, admit) =>
        decodeImage(picture as Uint8Array | WebImage, { name, maxPixels, admit }),
      readModel: modelFetcher(modelsUrl),
      createSession: webSessions(wasmUrl === undefined ? {} : { files: wasmUrl }),
    };
    const pipeline = await LocalPipeline.load(platform, rest);
    return new AgeEstimator(pipeline, pictures, faceOptions(rest));
  }
}

export { ModelFileError } from '../registry/web.js';
export type { WebImage } from '../vision/web.js';
export * from './shared.js';
export type { EstimateOptions, ImageEstimate, PictureResult, StreamOptions };
