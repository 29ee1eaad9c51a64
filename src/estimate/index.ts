/** The public API in Node: estimate the age of every face in a photograph. */
import { Estimator, type LoadOptions, loadParts } from './estimator.js';
import { nodePlatform } from './node.js';

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
    return new AgeEstimator(await loadParts(nodePlatform, options));
  }
}

export { type AgeClass, type AgeDistribution, type Gender, probabilityAtLeast } from '../age/index.js';
export { AgewiseError, type ErrorKind } from '../errors/index.js';
export type { ModelMetadata, ModelMetadataDocument } from '../metadata/index.js';
export type { ModelInput } from '../registry/index.js';
export { ModelFileError, type ShippedModel, shippedModelPath, shippedModels } from '../registry/node.js';
export type { Device } from '../runtime/index.js';
export type { Box, Landmarks, PixelImage, Point } from '../vision/index.js';
export type { EstimateOptions, LoadOptions } from './estimator.js';
export { type FaceData, FaceEstimate, type FacePlace } from './face.js';
export { type AgeShare, type FaceJson, faceJson, roundedProbability } from './face-json.js';
export * from './types.js';
