/** The entry point for Node: reads and writes image files. */
export { type AnnotateOptions, annotateImage, drawOn, isAnnotated, MARK_WITHIN } from './annotate.js';
export { CLIP_ENDINGS, ClipError, clipRate, readClip, writeClip } from './clip.js';
export {
  type DecodeOptions,
  decodeBytes,
  decodeImage,
  type ImageHeader,
  imageBytes,
  imageHeader,
} from './decode.js';
export {
  type FileType,
  fileType,
  IMAGE_FORMATS,
  type ImageFormat,
  READ_ENDINGS,
  UNREAD_ENDINGS,
} from './file-type.js';
export { reporting } from './late-warnings.js';
export { plainJpegSize } from './plain-jpeg.js';
export { MAX_PIXELS } from './size-limits.js';
