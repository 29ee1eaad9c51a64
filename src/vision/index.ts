/** The entry point to everything that runs in Node and browsers alike. `node.ts` reads and writes files. */

export type { InputSpec } from '../metadata/index.js';
export {
  type Affine,
  type CropRegion,
  type CropSpec,
  cropRegion,
  cropTransform,
  type FaceRegion,
  rollAngle,
} from './crop.js';
export { FaceDetector } from './detector.js';
export { type AnnotatedFace, drawFaces } from './draw.js';
export { type FaceQuality, type FaceView, faceQuality, viewFace } from './face-quality.js';
export { type FoundFace, findFaces, labelledFace } from './find-faces.js';
export { flipImage, flipTensor } from './flip.js';
export { ImageError } from './image-error.js';
export { mergeCandidates, overlap } from './merge.js';
export { PixelBudget } from './pixel-budget.js';
export { type Pixels, rgbImage } from './pixels.js';
export { cropImage, inputSize, preprocess } from './preprocess.js';
export { resizeImage, resizeToTensor } from './resize.js';
export { rotateImage, type Turn, turnBackBox, turnBackFace } from './rotate.js';
export { withAngle } from './rotations.js';
export { byteRows, type RowWriter, type TensorFormat, tensorRows } from './rows.js';
export { FaceTracker, type Sighted, type TrackerOptions, type TrackPlace } from './track.js';
export type { Box, DetectedFace, Landmarks, PixelImage, Point } from './types.js';
export { warp, warpImage } from './warp.js';
