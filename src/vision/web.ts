/** Vision's door in a browser: what decodes pictures there. It runs in a page and in its workers. */
import { fileType } from './file-type.js';
import { ImageError } from './image-error.js';
import { rgbImage } from './pixels.js';
import { checkSize, MAX_PIXELS } from './size-limits.js';
import { jpegComponents, type StatedSize, statedSize } from './stated-size.js';
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

/** The formats that all browsers decode. */
const EXPECTED = 'an image (JPEG, PNG, WebP, AVIF or GIF)';

/** Colours of a picture for print. */
const CMYK_COMPONENTS = 4;

/** The area of the largest canvas that browsers have, in pixels: 16384². */
const MOST_PIXELS = 0x4000 ** 2;

/** A picture's class by name. */
const kindOf = (image: object): string => Object.prototype.toString.call(image).slice('[object '.length, -1);

export const isWebImage = (image: object): image is WebImage => WEB_IMAGES.includes(kindOf(image));

/** Whether it can be posted to a worker as it is; clones of these two share their pixels. */
export const isCloneable = (image: WebImage): image is ImageBitmap | VideoFrame =>
  ['ImageBitmap', 'VideoFrame'].includes(kindOf(image));

/**
 * A copy of a picture, which belongs to the caller.
 * @throws ImageError if it has too many pixels, or is not loaded
 */
export function bitmapOf(image: WebImage, name: string, maxPixels = MAX_PIXELS): Promise<ImageBitmap> {
  checkArea(sizeOf(image), name, maxPixels);
  return toBitmap(image, name, 'a picture that is loaded');
}

/**
 * Decodes a picture into upright 8-bit sRGB: the EXIF orientation is applied, an embedded colour profile converted;
 * what is transparent gets a white background.
 *
 * @param input an encoded image's bytes, or a picture of the browser's
 * @param options.name its name in errors
 * @param options.maxPixels the maximum number of pixels, checked before decoding if its bytes state the size
 * @param options.admit called with the number of pixels and awaited before they are decoded
 * @throws ImageError if the browser cannot decode it, or does not let its pixels be read
 */
export async function decodeImage(
  input: Uint8Array | WebImage,
  options: {
    readonly name?: string;
    readonly maxPixels?: number | undefined;
    readonly admit?: (pixels: number) => Promise<void>;
  } = {},
): Promise<PixelImage> {
  const { name = 'image', maxPixels = MAX_PIXELS, admit } = options;
  const stated = ArrayBuffer.isView(input) ? statedSize(input, fileType(input).format) : undefined;
  if (stated !== undefined) {
    checkArea(stated, name, maxPixels);
    await admit?.(stated.width * stated.height);
  }
  if (!ArrayBuffer.isView(input) && isCloneable(input)) {
    // Upright and decoded: another copy would cost as much as the pixels themselves.
    const size = sizeOf(input);
    checkArea(size, name, maxPixels);
    await admit?.(size.width * size.height);
    return pixelsOf(input, size, name);
  }
  const bitmap = await (ArrayBuffer.isView(input)
    ? decodeBytes(input, name)
    : bitmapOf(input, name, maxPixels));
  try {
    checkArea(bitmap, name, maxPixels);
    if (stated === undefined) await admit?.(bitmap.width * bitmap.height);
    return pixelsOf(bitmap, bitmap, name);
  } finally {
    bitmap.close();
  }
}

function decodeBytes(bytes: Uint8Array, name: string): Promise<ImageBitmap> {
  if (bytes.byteLength === 0) throw new ImageError(name, EXPECTED, 'no bytes');
  const type = fileType(bytes);
  if (type.format === null) throw new ImageError(name, EXPECTED, type.description);
  // Browsers convert it without its profile, which changes ages by years.
  if (type.format === 'JPEG' && jpegComponents(bytes) === CMYK_COMPONENTS) {
    throw new ImageError(name, 'an image in RGB or grey', 'a JPEG in CMYK, which is not read in a browser');
  }
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

/** In its own pixels, regardless of its size in the page. */
function sizeOf(image: WebImage): StatedSize {
  if ('naturalWidth' in image) return { width: image.naturalWidth, height: image.naturalHeight };
  if ('videoWidth' in image) return { width: image.videoWidth, height: image.videoHeight };
  if ('displayWidth' in image) return { width: image.displayWidth, height: image.displayHeight };
  return image;
}

/** @throws ImageError for more pixels than are allowed, or than a canvas takes, and for longer sides */
const checkArea = (size: StatedSize, name: string, maxPixels: number): void =>
  checkSize(size, name, Math.min(maxPixels, MOST_PIXELS));

function pixelsOf(image: ImageBitmap | VideoFrame, { width, height }: StatedSize, name: string): PixelImage {
  if (width === 0) throw new ImageError(name, 'a picture that is loaded', 'one that is closed');
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  try {
    return rgbImage(context.getImageData(0, 0, width, height));
  } catch (error) {
    throw new ImageError(name, 'a picture whose pixels can be read', (error as Error).message, {
      cause: error,
    });
  }
}
