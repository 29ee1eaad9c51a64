/** The classes of errors that cross from a worker to its estimator. */
import type { ErrorClasses } from '../errors/index.js';
import { MetadataError } from '../metadata/index.js';
import { OnnxFormatError } from '../onnx/index.js';
import { ModelFileError } from '../registry/index.js';
import { RuntimeError } from '../runtime/index.js';
import { ImageError } from '../vision/index.js';

export const ERROR_CLASSES: ErrorClasses = {
  ImageError,
  MetadataError,
  ModelFileError,
  OnnxFormatError,
  RangeError,
  RuntimeError,
  TypeError,
};
