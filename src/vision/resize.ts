/** Resizes whole pictures. */
import { resample } from './resample.js';
import { byteRows, type RowWriter, type TensorFormat, tensorRows } from './rows.js';
import type { PixelImage } from './types.js';

/** Resizes to `width` × `height` pixels: bilinear when enlarging, antialiased when shrinking. */
export function resizeImage(image: PixelImage, width: number, height: number): PixelImage {
  const data = new Uint8Array(width * height * 3);
  resizeRows(image, width, height, byteRows(data, width));
  return { width, height, data };
}

/**
 * Resizes directly into a tensor, without intermediate bytes: `[3, height, width]` or `[height, width, 3]` of `format`
 * from `offset` on.
 */
export function resizeToTensor(
  image: PixelImage,
  width: number,
  height: number,
  format: TensorFormat,
  out: Float32Array,
  offset = 0,
): void {
  resizeRows(image, width, height, tensorRows(out, offset, width, height, format));
}

function resizeRows(image: PixelImage, width: number, height: number, write: RowWriter): void {
  const x = { start: 0, step: image.width / width, count: width };
  const y = { start: 0, step: image.height / height, count: height };
  resample(image, x, y, write);
}
