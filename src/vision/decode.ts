/**
 * Decodes images with sharp (Node only).
 *
 * Files are read here and not by libvips, so that system errors have readable messages, and libvips's cache, keyed by
 * file name, never returns the pixels of a file that has since been overwritten. sharp's process-wide settings
 * (`sharp.concurrency`, `sharp.cache`) are left to the application: decoding one picture gains nothing from more
 * threads, and pictures decoded side by side run on libuv's pool.
 */
import { open, stat } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import { foundInstead, notAFile } from '../files/index.js';
import { withoutExifCircles } from './exif.js';
import { fileType, IMAGE_FORMATS, type ImageFormat } from './file-type.js';
import { firstFrameIsWhole } from './gif-data.js';
import { ImageError } from './image-error.js';
import { hasUnmarkedInks, isMangledText, repairJpeg } from './jpeg-repair.js';
import { needsCheck, scansAreWhole } from './jpeg-scan.js';
import { hasTooManySegments } from './jpeg-segments.js';
import { reporting, watched } from './late-warnings.js';
import { plainJpegSize } from './plain-jpeg.js';
import { checkSize, MAX_PIXELS } from './size-limits.js';
import { isSrgb } from './srgb-profile.js';
import { hasWrongData } from './tiff-data.js';
import { hasUnspecifiedChannel, MAX_CHANNELS, oddForm } from './tiff-form.js';
import type { PixelImage } from './types.js';
import { areNegative, withInksInverted } from './unmarked-inks.js';
import { hasHole } from './webp-hole.js';

/**
 * Decoder warnings that do not affect pixels: programs' markers, slightly wrong colour profiles, unknown tags, channels that a
 * TIFF's tags do not mention; and that a tile was given up for them.
 */
const HARMLESS =
  /(^$|iCCP: |gAMA: |cHRM: |sRGB: |Unknown field with tag|unknown tag|exif|ICC|Defining non-color channels|^error in tile \d+ x \d+$)/i;

/** What sharp puts before some warnings. */
const FAIL_ON = /^Warning treated as error/;

/** Of bytes before a JPEG's end marker, which may be padding, or the rest of data that were decoded too soon. */
const LEFT_OVER = /extraneous bytes before marker 0xd9/;

/** The maximum file size in bytes: more than any image within `MAX_PIXELS` needs, and small enough to read at once. */
const MAX_FILE_BYTES = 2 ** 30;

/** How sharp says that its own limit on time was reached. */
const TIMED_OUT = /^timeout: /;

const EXPECTED = `an image (${IMAGE_FORMATS.slice(0, -1).join(', ')} or ${IMAGE_FORMATS.at(-1)})`;

export interface DecodeOptions {
  /** The image's name in errors; by default the path, or `image` for bytes. */
  readonly name?: string;
  /** The maximum number of pixels, checked before decoding. Default `MAX_PIXELS`. */
  readonly maxPixels?: number;
  /** The maximum number of whole seconds for decoding. Default: no limit. */
  readonly maxSeconds?: number;
  /**
   * Called with the number of pixels and awaited before they are decoded, so that callers can limit concurrent
   * decoding.
   */
  readonly admit?: (pixels: number) => Promise<void>;
}

/**
 * Decodes a JPEG, PNG, WebP, AVIF, TIFF or GIF (the first frame or page), recognized by content and not by name, into
 * upright 8-bit sRGB: applies the EXIF orientation, converts embedded colour profiles, grey, CMYK and 16 bit, and puts
 * transparent pixels on white.
 *
 * @param input a file's path, or an encoded image's bytes
 * @throws ImageError for anything that is not a complete image within the limits. A truncated or damaged file is rejected rather than filled with grey, since an age estimated from half a face looks like any other; a JPEG that lacks only its end marker is accepted. Damage that leaves legal data is not recognized: in an uncompressed TIFF, a small part of a WebP, single bits of a JPEG.
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
 * Reads a file, or returns the given bytes.
 * @throws ImageError if it is not an image file, or empty
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

export interface DecodeBytesOptions extends Pick<DecodeOptions, 'maxPixels' | 'maxSeconds' | 'admit'> {
  /** Whether to check the codes of every JPEG, also of a large one that shows no sign of damage. Default false. */
  readonly thorough?: boolean;
  /** Size in pixels to which the upright picture is resized while decoding. */
  readonly resize?:
    | {
        readonly width: number;
        readonly height: number;
        readonly fit: 'fill' | 'inside' | 'cover';
        readonly withoutEnlargement?: boolean;
        readonly kernel?: 'linear';
      }
    | undefined;
}

/** `decodeImage` for bytes. */
export async function decodeBytes(
  bytes: Uint8Array,
  name: string,
  { maxPixels = MAX_PIXELS, maxSeconds, admit, thorough = false, resize }: DecodeBytesOptions = {},
): Promise<PixelImage> {
  const type = fileType(bytes);
  if (type.format === null) throw new ImageError(name, EXPECTED, type.description);
  const { format } = type;
  const damaged = (cause?: unknown) =>
    new ImageError(
      name,
      `a complete ${format} image`,
      `${format === 'AVIF' ? 'an' : 'a'} ${format} file that is truncated or damaged`,
      { cause },
    );
  if (format === 'JPEG' && hasTooManySegments(bytes)) throw damaged();
  const readable = repaired(bytes, format);
  const size = await statedSize(readable, format);
  if (size !== undefined) {
    checkSize(size, name, maxPixels);
    await admit?.(size.width * size.height);
  }
  if (isDamaged(bytes, readable, format, thorough)) throw damaged();
  if (format === 'TIFF' && (await hasWrongData(bytes))) throw damaged();
  if (format === 'WebP' && (await hasHole(bytes).catch(() => true))) throw damaged();
  const ignoreIcc = size?.icc !== undefined && isSrgb(size.icc);
  const unspecified = format === 'TIFF' && hasUnspecifiedChannel(bytes);
  const decode = async (failOn: 'warning' | 'error') => {
    const inverts = format === 'JPEG' && hasUnmarkedInks(readable) && (await areNegative(readable));
    const picture = reporting(
      sharp(inverts ? await withInksInverted(readable) : readable, {
        failOn,
        limitInputPixels: maxPixels,
        sequentialRead: true,
        ignoreIcc,
      }),
    );
    if (maxSeconds !== undefined) picture.timeout({ seconds: maxSeconds });
    if (format === 'TIFF') checkForm(await picture.metadata(), name);
    const upright = picture.autoOrient();
    const opaque = unspecified ? upright.removeAlpha() : upright.flatten({ background: '#ffffff' });
    const srgb = opaque.toColourspace('srgb');
    const sized = resize ? srgb.resize({ ...resize }) : srgb;
    return sized.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  };
  try {
    const { result, reported } = await watched(() =>
      decode('warning').catch((error: Error) => {
        const isHarmless = (line: string) =>
          HARMLESS.test(line) || (LEFT_OVER.test(line) && scansAreWhole(readable) === true);
        const lines = error.message.split('\n').filter((line) => !FAIL_ON.test(line));
        if (lines.length > 0 && lines.every(isHarmless)) return decode('error');
        throw error;
      }),
    );
    if (reported && format === 'JPEG' && scansAreWhole(readable) === false) throw damaged();
    const { data, info } = result;
    // A view of libvips's memory: the pixels are not copied.
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  } catch (error) {
    if (error instanceof ImageError) throw error;
    if (TIMED_OUT.test((error as Error).message)) {
      const expected = `an image that is decoded within ${maxSeconds} s`;
      throw new ImageError(name, expected, 'one that takes longer', { cause: error });
    }
    const odd = format === 'TIFF' ? oddForm(bytes) : undefined;
    if (odd) throw new ImageError(name, odd.expected, odd.found, { cause: error });
    throw damaged(error);
  }
}

/** Sample types that libvips decodes, but would show as black, white or noise: by its names for them. */
const ODD_SAMPLES: Readonly<Record<string, string>> = {
  float: 'floating-point',
  double: 'floating-point',
  char: 'signed',
  short: 'signed',
  int: 'signed 32-bit',
  uint: '32-bit',
  complex: 'complex',
  dpcomplex: 'complex',
};

/** What the decoder does not notice. */
function isDamaged(bytes: Uint8Array, readable: Uint8Array, format: ImageFormat, thorough: boolean): boolean {
  if (format === 'GIF') return !firstFrameIsWhole(bytes);
  if (format !== 'JPEG') return false;
  return isMangledText(bytes) || ((thorough || needsCheck(bytes)) && scansAreWhole(readable) === false);
}

/** @throws ImageError for sample types and channels that libvips would decode wrongly. */
function checkForm({ depth, channels }: Metadata, name: string): void {
  const odd = ODD_SAMPLES[depth];
  if (odd !== undefined) {
    throw new ImageError(name, 'an image with 8 or 16 bits per sample', `a TIFF of ${odd} samples`);
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
      // Files of the system's own, as in /proc, have no size, and reading some never ends.
      return stats.size === 0 ? new Uint8Array() : await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(name, EXPECTED, foundInstead(error, path), { cause: error });
  }
}

export interface ImageHeader {
  /** In pixels, as stored, and as shown upright. */
  readonly width: number;
  readonly height: number;
  readonly upright: { readonly width: number; readonly height: number };
  /** In lower case: `jpeg`. */
  readonly format: string;
}

/**
 * What an encoded image's header says; no pixel is decoded.
 * @throws the decoder's error if it cannot be read
 */
export async function imageHeader(bytes: Uint8Array): Promise<ImageHeader> {
  const header = await readHeader(repaired(bytes, fileType(bytes).format));
  return { ...header, upright: header.autoOrient };
}

const readHeader = (bytes: Uint8Array): Promise<Metadata> =>
  reporting(sharp(bytes, { failOn: 'none', limitInputPixels: false })).metadata();

/** Without what would mislead the decoder or keep it busy for long. */
function repaired(bytes: Uint8Array, format: ImageFormat | null): Uint8Array {
  if (format === 'JPEG') return repairJpeg(bytes);
  return format === 'PNG' || format === 'WebP' ? withoutExifCircles(bytes, format) : bytes;
}

/**
 * What a file's header states, before any pixel is decoded; if it states no size, decoding reports it. For a small plain JPEG,
 * asking the decoder would take a sixth of the time of decoding.
 */
async function statedSize(
  bytes: Uint8Array,
  format: ImageFormat,
): Promise<Pick<Metadata, 'width' | 'height' | 'icc'> | undefined> {
  const plain = format === 'JPEG' ? plainJpegSize(bytes) : undefined;
  return plain ?? readHeader(bytes).catch(() => undefined);
}
