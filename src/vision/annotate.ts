/** The picture with its faces marked, encoded (Node only: sharp draws and encodes). */
import sharp from 'sharp';
import { type AnnotatedFace, drawFaces } from './draw.js';
import type { PixelImage } from './types.js';

export interface AnnotateOptions {
  /** The result's format. Default `jpeg`. */
  readonly format?: 'jpeg' | 'png';
}

/** High, and without chroma subsampling: thin coloured lines would blur. */
const JPEG = { quality: 90, chromaSubsampling: '4:4:4' } as const;

/** Draws each face's box and label over the picture and encodes the result. */
export async function annotateImage(
  image: PixelImage,
  faces: readonly AnnotatedFace[],
  options: AnnotateOptions = {},
): Promise<Uint8Array> {
  const { width, height, data } = image;
  const picture = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  // `unlimited`: many faces make a long drawing, and the drawing is our own.
  const drawing = { input: Buffer.from(drawFaces(image, faces)), unlimited: true, limitInputPixels: false };
  const drawn = picture.composite([drawing]);
  return await (options.format === 'png' ? drawn.png() : drawn.jpeg(JPEG)).toBuffer();
}
