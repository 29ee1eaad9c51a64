/**
 * The face detector: MediaPipe's full-range network from its TFLite file.
 *
 * Input `image` [N, 3, H, W]: RGB, v / 127.5 − 1 for v in 0..255, sides multiples of 32. The scale stays outside the
 * graph: convolutions pad with zeros, which stand for mid-grey after it and for black before it.
 * Outputs, at a quarter of the size: `cls` [N, 1, H/4, W/4], logits; `reg` [N, 16, H/4, W/4], the box and six points.
 */

import { importTflite } from '../../src/onnx/import/index.js';
import type { Model } from '../../src/onnx/index.js';
import { alignChannels, cut, rename, toFloat16 } from '../../src/onnx/surgery/index.js';
import { packageFile } from './source.js';

export const DETECTOR_PACKAGE = { name: '@mediapipe/face_detection', version: '0.4.1657300184' };
const FILE = 'face_detection_full_range.tflite';
const FILE_SHA256 = '99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3';

/** Channels in a block of ONNX Runtime's convolutions on AVX-512; those of AVX2 are half as large. */
const CHANNEL_BLOCK = 16;

/** The detector, its weights in float16 as the source has them. */
export async function buildDetector(cache: string): Promise<Model> {
  const bytes = await packageFile(DETECTOR_PACKAGE, FILE, FILE_SHA256, cache);
  const whole = importTflite(bytes, { inputShapes: { input: ['N', 3, 'H', 'W'] } });
  // The two reshapes that follow flatten the grid of cells, which decoding wants as it is.
  const grid = cut(whole, { outputs: ['classifier_face_4', 'regressor_face_4'] });
  const named = rename(grid, { input: 'image', classifier_face_4: 'cls', regressor_face_4: 'reg' });
  return toFloat16(alignChannels(named, CHANNEL_BLOCK));
}
