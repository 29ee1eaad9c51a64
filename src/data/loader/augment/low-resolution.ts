/** What is left of a face that few pixels have shown. */
import { type PixelImage, resizeImage } from '../../../vision/index.js';

/** Shrinks to `share` (0..1) of width and height and enlarges again, in place. */
export function lowerResolution(image: PixelImage, share: number): void {
  const { width, height } = image;
  const small = resizeImage(
    image,
    Math.max(1, Math.round(width * share)),
    Math.max(1, Math.round(height * share)),
  );
  image.data.set(resizeImage(small, width, height).data);
}
