/**
 * Decoding for training: plain JPEG files by libjpeg-turbo in WebAssembly, everything else by `decodeImage`. For a face
 * of 128 px libvips's pipeline takes four times as long as decoding; the pixels are the same.
 */
import { createRequire } from 'node:module';
import type { PixelImage } from '../../vision/index.js';
import { decodeImage, plainJpegSize } from '../../vision/node.js';

/** The used part of @cornerstonejs/codec-libjpeg-turbo-8bit, which has no types. */
interface Codec {
  readonly JPEGDecoder: new () => JpegDecoder;
}

interface JpegDecoder {
  /** A buffer for a file of that many bytes. */
  getEncodedBuffer(length: number): Uint8Array;
  /** @throws if the file is damaged in any way. */
  decode(): void;
  /** A view of the decoder's memory. */
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
}

/** The maximum number of pixels for the codec, whose memory never shrinks. */
const MOST_PIXELS = 2 ** 22;

let decoder: Promise<JpegDecoder> | undefined;

async function loadDecoder(): Promise<JpegDecoder> {
  const codec = createRequire(import.meta.url)('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs');
  const { JPEGDecoder } = (await (codec as () => Promise<Codec>)()) as Codec;
  return new JPEGDecoder();
}

/**
 * Decodes a picture's file to upright RGB, the same bytes as `decodeImage`.
 *
 * @param name its name in errors
 * @returns pixels that are valid until the next call
 * @throws ImageError for anything that is not a complete image.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<PixelImage> {
  const size = plainJpegSize(bytes);
  if (size !== undefined && size.width * size.height <= MOST_PIXELS) {
    decoder ??= loadDecoder();
    const image = decodeJpeg(await decoder, bytes);
    if (image !== undefined) return image;
  }
  return decodeImage(bytes, { name });
}

/** Undefined if it is damaged: the other decoder decides whether it is usable. */
function decodeJpeg(codec: JpegDecoder, bytes: Uint8Array): PixelImage | undefined {
  try {
    codec.getEncodedBuffer(bytes.length).set(bytes);
    codec.decode();
  } catch {
    return undefined;
  }
  const { width, height, componentCount } = codec.getFrameInfo();
  const data = codec.getDecodedBuffer();
  return componentCount === 3 && data.length === 3 * width * height ? { width, height, data } : undefined;
}
