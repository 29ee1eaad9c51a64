/** What all entry points of the estimator export besides `AgeEstimator`. */
export { type AgeClass, type AgeDistribution, type Gender, probabilityAtLeast } from '../age/index.js';
export { AgewiseError, type ErrorKind } from '../errors/index.js';
export type { ModelMetadata, ModelMetadataDocument } from '../metadata/index.js';
export type { ModelInput } from '../registry/index.js';
export type { Device } from '../runtime/index.js';
export type { Box, Landmarks, PixelImage, Pixels, Point } from '../vision/index.js';
export { CHALLENGE_YEARS, JUDGEABLE } from './about.js';
export type { Frame, PictureResult, Pictures } from './estimator.js';
export { FaceEstimate } from './face.js';
export type { FaceData, FacePlace } from './face-data.js';
export { type AgeShare, type FaceJson, faceJson, roundedProbability } from './face-json.js';
export type { ImageInput, Readable, SharpOutput } from './inputs.js';
export type { EstimateOptions, FaceOptions, FollowOptions, LoadOptions, StreamOptions } from './options.js';
export * from './types.js';
export {
  type AgeRule,
  type AgeVerification,
  type Verdict,
  verificationRecord,
  verifyAge,
  verifyFace,
} from './verify-age.js';
export { FaceFollower, type FrameEstimate, type TrackedFace } from './video.js';
