/** Limits on the size of pictures, checked before pixels are decoded. */
import { ImageError } from './image-error.js';

/** The default maximum number of pixels: more than most cameras', 300 MB decoded. */
export const MAX_PIXELS = 100e6;
/** The maximum side in pixels, unless the caller allows more pixels than `MAX_PIXELS`. */
const MAX_SIDE = 20_000;

/** @throws ImageError for more pixels than `maxPixels`, or too long a side */
export function checkSize(
  { width, height }: { readonly width: number; readonly height: number },
  name: string,
  maxPixels: number,
): void {
  const found = `${width} × ${height} pixels`;
  if (width * height > maxPixels) {
    const most = maxPixels < 1e6 ? `${maxPixels} pixels` : `${Math.floor(maxPixels / 1e4) / 100} megapixels`;
    throw new ImageError(name, `an image of at most ${most}`, found);
  }
  if (maxPixels <= MAX_PIXELS && Math.max(width, height) > MAX_SIDE) {
    throw new ImageError(name, `an image of at most ${MAX_SIDE} pixels a side`, found);
  }
}
