/** Converts common pixel layouts to RGB. */
import { ImageError } from './image-error.js';
import type { PixelImage } from './types.js';

/**
 * Pixels of 8 bits a channel, interleaved, row after row: grey (1 channel), grey and alpha (2), RGB (3) or RGBA (4),
 * the alpha not multiplied into the colours. A canvas's ImageData is one.
 */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Channels, 1 to 4; by default derived from the data's length. */
  readonly channels?: number;
}

const MOST_CHANNELS = 4;
const WHITE = 255;

/**
 * The picture in RGB, with transparent pixels on white, as when a file is decoded. RGB is not copied.
 * @throws ImageError if the data do not match the size
 */
export function rgbImage(pixels: Pixels): PixelImage {
  const { width, height, data, channels = data?.length / (width * height) } = pixels;
  // By name, since other realms, such as a test runner's, have their own classes.
  const kind = Object.prototype.toString.call(data);
  const bytes = kind === '[object Uint8Array]' || kind === '[object Uint8ClampedArray]';
  const fits =
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    Number.isInteger(channels) &&
    channels >= 1 &&
    channels <= MOST_CHANNELS &&
    data.length === channels * width * height;
  if (!bytes || !fits) {
    const found = bytes ? `${data.length} bytes` : 'data of another kind';
    const stated = pixels.channels === undefined ? '' : ` and ${pixels.channels} channels`;
    throw new ImageError(
      'pixels',
      'integer sides and a Uint8Array of 3 · width · height bytes (RGB), or of 1 (grey), 2 (grey and alpha) or 4 (RGBA)',
      `${found} for ${width} × ${height}${stated}`,
    );
  }
  const plain = kind === '[object Uint8Array]' ? (data as Uint8Array) : bytesOf(data);
  return { width, height, data: channels === 3 ? plain : toRgb(plain, width * height, channels) };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint8ClampedArray) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function toRgb(data: Uint8Array, count: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(3 * count);
  const coloured = channels >= 3;
  const alpha = channels % 2 === 0;
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    const a = alpha ? data[from + channels - 1]! : WHITE;
    for (let c = 0; c < 3; c++) {
      const value = data[coloured ? from + c : from]!;
      rgb[to + c] = a === WHITE ? value : Math.round((value * a + WHITE * (WHITE - a)) / WHITE);
    }
  }
  return rgb;
}
