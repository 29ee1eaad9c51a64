/**
 * Encoded image → pixels, by sharp (Node only).
 *
 * The bytes are read here and not by libvips: a system error then has its own sentence, and libvips's cache,
 * whose key is the file's name, never returns the pixels of a file that has been overwritten since. sharp's
 * process-wide settings (`sharp.concurrency`, `sharp.cache`) are left to the application: decoding one
 * picture gains nothing from more threads, and pictures decoded side by side run on libuv's pool.
 */
import { open, stat } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import { foundInstead, notAFile } from '../files/index.js';
import { fileType, IMAGE_FORMATS } from './file-type.js';
import { ImageError } from './image-error.js';
import { repairJpeg } from './jpeg-repair.js';
import { hasUnspecifiedChannel } from './tiff-form.js';
import type { PixelImage } from './types.js';

/** Pixels that an image may have unless the caller sets another limit: those of most cameras, and 300 MB decoded. */
export const MAX_PIXELS = 100e6;
/** Pixels that a side may have, unless the caller allows more pixels than `MAX_PIXELS`. */
const MAX_SIDE = 20_000;
/** Channels that an image may have: red, green, blue and how opaque it is, or four inks. */
const MAX_CHANNELS = 4;

/**
 * Warnings of decoders that cost no pixel: what stands between the data and the end, markers of programs, colour profiles
 * that are a little off, tags that nobody knows.
 */
const HARMLESS =
  /(^$|extraneous bytes before marker 0xd9|unknown JFIF revision|Unknown Adobe color transform|iCCP: |gAMA: |cHRM: |sRGB: |Unknown field with tag|unknown tag|exif|ICC)/i;

/** Bytes that a file may have: more than any image within `MAX_PIXELS` needs, and it can still be read at once. */
const MAX_FILE_BYTES = 2 ** 30;

const EXPECTED = `an image (${IMAGE_FORMATS.slice(0, -1).join(', ')} or ${IMAGE_FORMATS.at(-1)})`;

export interface DecodeOptions {
  /** What errors call the image; by default the path, or `image` for bytes. */
  readonly name?: string;
  /** The most pixels an image may have; it is checked before any pixel is decoded. Default `MAX_PIXELS`. */
  readonly maxPixels?: number;
  /** Told how many pixels it has, and awaited before they are decoded: who decodes several can limit them together. */
  readonly admit?: (pixels: number) => Promise<void>;
}

/**
 * Decodes a JPEG, PNG, WebP, AVIF, TIFF or GIF (the first frame or page), told by its content and not by its
 * name, into upright 8-bit sRGB: the EXIF orientation is applied, an embedded colour profile converted,
 * grey, CMYK and 16 bit likewise; what is transparent lies on white.
 *
 * @param input a file's path, or an encoded image's bytes
 * @throws ImageError for anything that is not a complete image within the limits. A file that is cut off or damaged is
 *   refused rather than filled with grey, since an age estimated from half a face looks like any other; a JPEG that lacks
 *   its end marker alone is whole.
 * @example
 * await decodeImage('photo.jpg'); // { width: 1920, height: 1280, data: Uint8Array(7372800) [ 21, 6, 11, … ] }
 */
export async function decodeImage(
  input: string | Uint8Array | ArrayBuffer,
  options: DecodeOptions = {},
): Promise<PixelImage> {
  const name = options.name ?? (typeof input === 'string' ? input : 'image');
  const bytes = await imageBytes(input, name);
  return decodeBytes(bytes, name, options);
}

/**
 * The bytes of a file, or those given.
 * @throws ImageError for what is no file of an image, or empty
 */
export async function imageBytes(
  input: string | Uint8Array | ArrayBuffer,
  name: string,
): Promise<Uint8Array> {
  const fromFile = typeof input === 'string';
  const bytes = fromFile
    ? await readBytes(input, name)
    : input instanceof Uint8Array
      ? input
      : new Uint8Array(input);
  if (bytes.byteLength === 0) throw new ImageError(name, EXPECTED, fromFile ? 'an empty file' : 'no bytes');
  return bytes;
}

export interface DecodeBytesOptions extends Pick<DecodeOptions, 'maxPixels' | 'admit'> {
  /** The size in pixels that the upright picture is brought to on the way to its pixels. */
  readonly resize?:
    | {
        readonly width: number;
        readonly height: number;
        readonly fit: 'fill' | 'inside';
        readonly withoutEnlargement?: boolean;
        readonly kernel?: 'linear';
      }
    | undefined;
}

/** As `decodeImage`, of bytes. */
export async function decodeBytes(
  bytes: Uint8Array,
  name: string,
  { maxPixels = MAX_PIXELS, admit, resize }: DecodeBytesOptions = {},
): Promise<PixelImage> {
  const type = fileType(bytes);
  if (type.format === null) throw new ImageError(name, EXPECTED, type.description);
  const { format } = type;
  const repaired = format === 'JPEG' ? repairJpeg(bytes) : bytes;
  const size = await checkSize(repaired, name, maxPixels);
  if (size !== undefined) await admit?.(size.width * size.height);
  const damaged = (cause?: unknown) =>
    new ImageError(
      name,
      `a complete ${format} image`,
      `${format === 'AVIF' ? 'an' : 'a'} ${format} file that is truncated or damaged`,
      { cause },
    );
  const unspecified = format === 'TIFF' && hasUnspecifiedChannel(bytes);
  const decode = async (failOn: 'warning' | 'error') => {
    const picture = sharp(repaired, { failOn, limitInputPixels: maxPixels, sequentialRead: true });
    if (format === 'TIFF') checkForm(await picture.metadata(), name);
    const upright = picture.autoOrient();
    const opaque = unspecified ? upright.removeAlpha() : upright.flatten({ background: '#ffffff' });
    const srgb = opaque.toColourspace('srgb');
    const sized = resize ? srgb.resize({ ...resize }) : srgb;
    return sized.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  };
  try {
    const { data, info } = await decode('warning').catch((error: Error) => {
      if (error.message.split('\n').every((line) => HARMLESS.test(line))) return decode('error');
      throw error;
    });
    // A view of the memory that libvips wrote: the pixels are not copied.
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw damaged(error);
  }
}

/** @throws ImageError for samples and channels that libvips would decode to something else than the picture. */
function checkForm({ depth, channels }: Metadata, name: string): void {
  if (depth === 'float' || depth === 'double') {
    throw new ImageError(name, 'an image with 8 or 16 bits per sample', 'a TIFF of floating-point samples');
  }
  if (channels > MAX_CHANNELS) {
    throw new ImageError(
      name,
      `an image of at most ${MAX_CHANNELS} channels`,
      `a TIFF of ${channels} channels`,
    );
  }
}

async function readBytes(path: string, name: string): Promise<Uint8Array> {
  try {
    const found = notAFile(await stat(path));
    if (found !== undefined) throw new ImageError(name, EXPECTED, found);
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
    throw new ImageError(name, EXPECTED, foundInstead(error, path), { cause: error });
  }
}

/**
 * Looks at the sides that a file states, before any pixel is decoded; what states none is told of by who decodes it.
 * @returns the sides, where they are told
 * @throws ImageError for more pixels than `maxPixels`, or sides of more than `MAX_SIDE` pixels where the limit on pixels was
 *   not raised
 */
async function checkSize(
  bytes: Uint8Array,
  name: string,
  maxPixels: number,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  const size = await sharp(bytes, { failOn: 'none', limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (size === undefined) return undefined;
  const { width, height } = size;
  const found = `${width} × ${height} pixels`;
  if (width * height > maxPixels) {
    const most = maxPixels < 1e6 ? `${maxPixels} pixels` : `${Math.floor(maxPixels / 1e4) / 100} megapixels`;
    throw new ImageError(name, `an image of at most ${most}`, found);
  }
  if (maxPixels <= MAX_PIXELS && Math.max(width, height) > MAX_SIDE) {
    throw new ImageError(name, `an image of at most ${MAX_SIDE} pixels a side`, found);
  }
  return size;
}
