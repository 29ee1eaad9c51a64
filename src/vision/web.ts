/** Vision's door in a browser: what decodes pictures there. It runs in a page and in its workers. */
import { fileType } from './file-type.js';
import { ImageError } from './image-error.js';
import { rgbImage } from './pixels.js';
import type { PixelImage } from './types.js';

/** Pictures that only a browser has. */
export type WebImage = Exclude<CanvasImageSource, SVGImageElement>;

/** Their classes by name: a picture may be of another frame, and a worker lacks most of the classes. */
const WEB_IMAGES = [
  'HTMLCanvasElement',
  'HTMLImageElement',
  'HTMLVideoElement',
  'ImageBitmap',
  'OffscreenCanvas',
  'VideoFrame',
];

/** What browsers decode, each of which may decode more. */
const EXPECTED = 'an image (JPEG, PNG, WebP, AVIF or GIF)';

/** Pixels that a picture may have unless the caller sets another limit, as in Node. */
const MAX_PIXELS = 100e6;
/** The area of the largest canvas that browsers have, in pixels: 16384². */
const MOST_PIXELS = 0x4000 ** 2;

export const isWebImage = (image: object): image is WebImage =>
  WEB_IMAGES.includes(Object.prototype.toString.call(image).slice('[object '.length, -1));

/**
 * Decodes a picture into upright 8-bit sRGB: the EXIF orientation is applied, an embedded colour profile converted;
 * what is transparent lies on white.
 *
 * @param input an encoded image's bytes, or a picture of the browser's
 * @param name what errors call it
 * @param maxPixels the most pixels that it may have
 * @throws ImageError where the browser cannot decode it, or does not let its pixels be read
 */
export async function decodeImage(
  input: Uint8Array | WebImage,
  name = 'image',
  maxPixels = MAX_PIXELS,
): Promise<PixelImage> {
  const encoded = ArrayBuffer.isView(input);
  const bitmap = await (encoded
    ? decodeBytes(input, name)
    : toBitmap(input, name, 'a picture that is loaded'));
  try {
    return pixelsOf(bitmap, name, Math.min(maxPixels, MOST_PIXELS));
  } finally {
    bitmap.close();
  }
}

function decodeBytes(bytes: Uint8Array, name: string): Promise<ImageBitmap> {
  if (bytes.byteLength === 0) throw new ImageError(name, EXPECTED, 'no bytes');
  const type = fileType(bytes);
  if (type.format === null) throw new ImageError(name, EXPECTED, type.description);
  // Memory that threads share cannot be put into a Blob.
  const part =
    bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  return toBitmap(
    new Blob([part]),
    name,
    `a complete ${type.format} image, of a kind that the browser decodes`,
  );
}

async function toBitmap(source: ImageBitmapSource, name: string, expected: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, { imageOrientation: 'from-image' });
  } catch (error) {
    throw new ImageError(name, expected, `one that it cannot decode (${(error as Error).message})`, {
      cause: error,
    });
  }
}

function pixelsOf(bitmap: ImageBitmap, name: string, maxPixels: number): PixelImage {
  const { width, height } = bitmap;
  if (width * height > maxPixels) {
    const most = `an image of at most ${Math.floor(maxPixels / 1e4) / 100} megapixels`;
    throw new ImageError(name, most, `${width} × ${height} pixels`);
  }
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  try {
    return rgbImage(context.getImageData(0, 0, width, height));
  } catch (error) {
    throw new ImageError(name, 'a picture whose pixels may be read', (error as Error).message, {
      cause: error,
    });
  }
}
