/** The public API in Node: estimate the age of every face in a photograph. */
import { Estimator } from './estimator.js';
import { LocalPipeline } from './local-pipeline.js';
import { nodePlatform } from './node.js';
import { checkOptions, LOAD_RULES, type LoadOptions } from './options.js';

export class AgeEstimator extends Estimator {
  /**
   * Loads the networks.
   *
   * @example
   * const estimator = await AgeEstimator.load();
   * const { faces } = await estimator.estimate('photo.jpg');
   * for (const face of faces) console.log(face.age, face.interval, face.atLeast(18));
   * await estimator.dispose();
   *
   * @throws an error of one sentence where a model cannot be loaded or a device is missing
   */
  static async load(options: LoadOptions = {}): Promise<AgeEstimator> {
    checkOptions(options, LOAD_RULES);
    return new AgeEstimator(await LocalPipeline.load(nodePlatform, options), options);
  }
}

export { type AgeClass, type AgeDistribution, type Gender, probabilityAtLeast } from '../age/index.js';
export { AgewiseError, type ErrorKind } from '../errors/index.js';
export type { ModelMetadata, ModelMetadataDocument } from '../metadata/index.js';
export type { ModelInput } from '../registry/index.js';
export { ModelFileError, type ShippedModel, shippedModelPath, shippedModels } from '../registry/node.js';
export type { Device } from '../runtime/index.js';
export type { Box, Landmarks, PixelImage, Pixels, Point } from '../vision/index.js';
export type { PictureResult, Pictures } from './estimator.js';
export { FaceEstimate } from './face.js';
export type { FaceData, FacePlace } from './face-data.js';
export { type AgeShare, type FaceJson, faceJson, roundedProbability } from './face-json.js';
export type { ImageInput, Readable, SharpOutput } from './inputs.js';
export type { EstimateOptions, FaceOptions, LoadOptions, StreamOptions } from './options.js';
export * from './types.js';
