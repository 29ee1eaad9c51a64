/** Vision's front door in a browser: everything that needs no Node. */
export {
  type Affine,
  type CropRegion,
  type CropSpec,
  cropCorners,
  cropRegion,
  cropTransform,
  type FaceRegion,
  rollAngle,
} from './crop.js';
export { ImageError } from './image-error.js';
export { cropImage, inputSize, preprocess } from './preprocess.js';
export { resizeImage, resizeToTensor } from './resize.js';
export { byteRows, type RowWriter, type TensorFormat, tensorRows } from './rows.js';
export type { Box, DetectedFace, InputSpec, Landmarks, PixelImage, Point } from './types.js';
export { warp, warpImage } from './warp.js';
