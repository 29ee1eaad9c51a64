/** The kinds of pictures accepted, and how they are loaded. */
import { AgewiseError, maskAddress } from '../errors/index.js';
import { ImageError, type Pixels } from '../vision/index.js';

/** An object whose bytes can be read: a Blob, a File, a Response. */
export interface Readable {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The result of `sharp(…).toBuffer({ resolveWithObject: true })`, raw or encoded. */
export interface SharpOutput {
  readonly data: Uint8Array;
  readonly info: {
    readonly format: string;
    readonly width: number;
    readonly height: number;
    readonly channels: number;
  };
}

/** A picture: a path (in a browser a URL), a file's bytes, or decoded pixels. */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | Readable | Pixels | SharpOutput;

/** A picture that is in memory: pixels, or something that the platform can decode. */
export type Present = Pixels | Uint8Array | string | object;

/** A platform's source of pictures other than those passed as data. */
export interface PictureSource {
  /**
   * Loads a path or URL as something that can be decoded; all waiting happens here.
   * @throws ImageError if there is not a picture, TypeError if it is neither
   */
  locate(address: string | URL): Promise<Uint8Array | string>;
  /**
   * Whether an object other than bytes or pixels is a picture on this platform, such as an ImageBitmap in a browser.
   */
  isPicture?(image: object): boolean;
}

const EXPECTED =
  "a path, a URL, a file's bytes, a Blob, a File, a Response, or pixels ({ width, height, data })";

/** Longer names and texts are cut in messages. */
const LONGEST_NAME = 120;

/** A longer string is not a path on any usual system: it is probably a picture's bytes as text. */
export const LONGEST_PATH = 4096;

/**
 * The picture, loaded into memory.
 * @throws ImageError if it cannot be loaded, TypeError if `image` is not a picture
 */
export async function presentImage(image: unknown, source: PictureSource): Promise<Present> {
  if (typeof image === 'string' && image.trim() !== '') return source.locate(image);
  if (typeof image === 'object' && image !== null) {
    if (isUrl(image)) return source.locate(image);
    if (isBytes(image)) return image;
    if (kindOf(image) === 'ArrayBuffer' || kindOf(image) === 'SharedArrayBuffer') {
      return new Uint8Array(image as ArrayBuffer);
    }
    // A Request has bytes too, of what would be sent.
    if ('arrayBuffer' in image && typeof image.arrayBuffer === 'function' && kindOf(image) !== 'Request') {
      return readBytes(image as Readable);
    }
    if (isSharpOutput(image)) {
      const { data, info } = image;
      if (info.format !== 'raw') return data;
      return { width: info.width, height: info.height, channels: info.channels, data };
    }
    if (source.isPicture?.(image)) return image;
    if (isPixels(image)) {
      // Each property is read once: it may be computed, and a copy can be posted to a thread.
      const { width, height, channels, data } = image;
      const other = [width, height, channels ?? 0].find((side: unknown) => typeof side !== 'number');
      if (other !== undefined) {
        throw new TypeError(`image: expected pixels whose size is in numbers, found ${described(other)}`);
      }
      if (areSamples(data)) return { width, height, data, ...(channels !== undefined && { channels }) };
      throw new TypeError(
        `image: expected pixels whose data are a Uint8Array or Uint8ClampedArray, found ${described(data)}`,
      );
    }
  }
  throw new TypeError(`image: expected ${EXPECTED}, found ${described(image)}`);
}

/** A picture's name in messages and results: its path, URL or file name; undefined if it has none. */
export function nameOf(image: unknown): string | undefined {
  const name = givenName(image);
  return name !== undefined && name.length > LONGEST_PATH ? shortened(name) : name;
}

function givenName(image: unknown): string | undefined {
  if (typeof image === 'string') return image;
  if (typeof image !== 'object' || image === null) return undefined;
  if (isUrl(image)) return image.href;
  const { name, url } = image as { readonly name?: unknown; readonly url?: unknown };
  return [name, url].find((text): text is string => typeof text === 'string' && text !== '');
}

/** A name for messages: shortened, and a URL without its secrets. */
export function shortened(name: string): string {
  const shown = maskAddress(name);
  return shown.length > LONGEST_NAME ? `${shown.slice(0, LONGEST_NAME)}…` : shown;
}

export const isPixels = (image: Present): image is Pixels =>
  typeof image === 'object' && 'width' in image && 'height' in image && 'data' in image;

export const isUrl = (image: object): image is URL => kindOf(image) === 'URL';

export const isBytes = (image: object): image is Uint8Array => kindOf(image) === 'Uint8Array';

const areSamples = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && (isBytes(data) || kindOf(data) === 'Uint8ClampedArray');

function isSharpOutput(image: object): image is SharpOutput {
  const { data, info } = image as Partial<SharpOutput>;
  return (
    typeof data === 'object' && isBytes(data) && typeof info === 'object' && typeof info.format === 'string'
  );
}

/** An object's class by name, since other realms, such as a test runner's, have their own classes. */
const kindOf = (image: object): string => Object.prototype.toString.call(image).slice('[object '.length, -1);

/** @throws ImageError if there are none, or if a response reports an error */
export async function readBytes(image: Readable): Promise<Uint8Array> {
  const name = shortened(nameOf(image) ?? 'image');
  const { ok, status, statusText } = image as Partial<Response>;
  if (ok === false) throw new ImageError(name, 'an image', `the answer ${status} ${statusText}`.trim());
  try {
    return new Uint8Array(await image.arrayBuffer());
  } catch (error) {
    throw new ImageError(name, 'an image', `bytes that cannot be read (${reasonIn(error)})`, {
      cause: error,
    });
  }
}

/** Why a picture cannot be read, from what was thrown: the code of an object's getters and methods throws anything. */
export function readFailure(thrown: unknown, source: string | undefined): Error {
  if (thrown instanceof AgewiseError || thrown instanceof TypeError) return thrown;
  const found = `an object that cannot be read (${reasonIn(thrown)})`;
  return new ImageError(shortened(source ?? 'image'), 'a picture', found, { cause: thrown });
}

const reasonIn = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : described(thrown));

/** A value that is not a picture, in words. */
export function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value.trim() === '' ? 'an empty text' : `the text '${shortened(value)}'`;
  if (typeof value !== 'object')
    return typeof value === 'function' ? 'a function' : `${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Promise) return 'a Promise; await it first';
  const name = value.constructor?.name;
  return name === undefined || name === 'Object'
    ? `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing in it'}`
    : `an object of class ${name}`;
}
