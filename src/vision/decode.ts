/**
 * Encoded image → pixels, by sharp (Node only).
 *
 * The bytes are read here and not by libvips: a system error then has its own sentence, and libvips's cache,
 * whose key is the file's name, never returns the pixels of a file that has been overwritten since. sharp's
 * process-wide settings (`sharp.concurrency`, `sharp.cache`) are left to the application: decoding one
 * picture gains nothing from more threads, and pictures decoded side by side run on libuv's pool.
 */
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { fileType, IMAGE_FORMATS, type ImageFormat } from './file-type.js';
import { ImageError } from './image-error.js';
import type { PixelImage } from './types.js';

/** Pixels that an image may have unless the caller sets another limit: 16383², some 268 megapixels, above
 *  any camera's and 805 MB once decoded. */
export const MAX_PIXELS = 0x3fff ** 2;

/** Bytes that a file may have: more than any image within `MAX_PIXELS` needs, and it can still be read at once. */
const MAX_FILE_BYTES = 2 ** 30;

const EXPECTED = `an image (${IMAGE_FORMATS.slice(0, -1).join(', ')} or ${IMAGE_FORMATS.at(-1)})`;

export interface DecodeOptions {
  /** What errors call the image; by default the path, or `image` for bytes. */
  readonly name?: string;
  /** The most pixels an image may have; it is checked before any pixel is decoded. Default `MAX_PIXELS`. */
  readonly maxPixels?: number;
}

/**
 * Decodes a JPEG, PNG, WebP, AVIF, TIFF or GIF (the first frame or page), told by its content and not by its
 * name, into upright 8-bit sRGB: the EXIF orientation is applied, an embedded colour profile converted,
 * grey, CMYK and 16 bit likewise; what is transparent lies on white.
 *
 * @param input a file's path, or an encoded image's bytes
 * @throws ImageError for anything that is not a complete image within the limit. A file that is cut off is
 *   refused rather than filled with grey, since an age estimated from half a face looks like any other.
 */
export async function decodeImage(
  input: string | Uint8Array | ArrayBuffer,
  options: DecodeOptions = {},
): Promise<PixelImage> {
  const name = options.name ?? (typeof input === 'string' ? input : 'image');
  const maxPixels = options.maxPixels ?? MAX_PIXELS;
  const fromFile = typeof input === 'string';
  const bytes = fromFile
    ? await readBytes(input, name)
    : input instanceof Uint8Array
      ? input
      : new Uint8Array(input);
  if (bytes.byteLength === 0) throw new ImageError(name, EXPECTED, fromFile ? 'an empty file' : 'no bytes');
  const type = fileType(bytes);
  if (type.format === null) throw new ImageError(name, EXPECTED, type.description);
  try {
    // 'error' and not 'warning': cameras and editors write files with blemishes that every viewer forgives.
    const { data, info } = await sharp(bytes, {
      failOn: 'error',
      limitInputPixels: maxPixels,
      sequentialRead: true,
    })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    // A view of the memory that libvips wrote: the pixels are not copied.
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  } catch (error) {
    throw await diagnose(bytes, type.format, name, maxPixels, error);
  }
}

async function readBytes(path: string, name: string): Promise<Uint8Array> {
  try {
    // Before it is opened, since opening a pipe waits for whoever writes to it; a device may have no end.
    const kind = kindOf(await stat(path));
    if (kind !== 'a file') throw new ImageError(name, EXPECTED, kind);
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (stats.size > MAX_FILE_BYTES) {
        throw new ImageError(
          name,
          `${EXPECTED} of at most 1 GiB`,
          `${(stats.size / 2 ** 30).toFixed(1)} GiB`,
        );
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(name, EXPECTED, describeSystemError(error as NodeJS.ErrnoException, path), {
      cause: error,
    });
  }
}

function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function describeSystemError(error: NodeJS.ErrnoException, path: string): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      // Node puts U+FFFD where a name's bytes are no UTF-8, and no longer finds the file then.
      return path.includes('\ufffd') ? 'no such file, or one whose name is not UTF-8' : 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'a file that may not be read (permission denied)';
    case 'EISDIR':
      return 'a folder';
    default:
      return `a file that cannot be read (${error.code ?? error.message})`;
  }
}

/** Puts libvips's complaint into the words of a user. */
async function diagnose(
  bytes: Uint8Array,
  format: ImageFormat,
  name: string,
  maxPixels: number,
  cause: unknown,
): Promise<ImageError> {
  const size = await sharp(bytes, { failOn: 'none', limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (size && size.width * size.height > maxPixels) {
    return new ImageError(
      name,
      `an image of at most ${Math.floor(maxPixels / 1e4) / 100} megapixels`,
      `${size.width} × ${size.height} pixels`,
      { cause },
    );
  }
  const article = format === 'AVIF' ? 'an' : 'a';
  return new ImageError(
    name,
    `a complete ${format} image`,
    `${article} ${format} file that is truncated or damaged`,
    { cause },
  );
}
