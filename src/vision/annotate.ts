/** Draws faces on a picture and encodes it (Node only, with sharp). */
import sharp from 'sharp';
import { type AnnotatedFace, drawFaces } from './draw.js';
import type { PixelImage } from './types.js';

export interface AnnotateOptions {
  /** The result's format. Default `jpeg`. */
  readonly format?: 'jpeg' | 'png';
}

/** The EXIF description that identifies a marked copy. */
const MARK = 'faces marked by agewise';

/** The mark lies within this many bytes from a file's start. */
export const MARK_WITHIN = 1024;

/** Whether a file's first bytes are those of a copy made by `annotateImage`. */
export const isAnnotated = (start: Uint8Array): boolean => Buffer.from(start).includes(MARK, 0, 'latin1');

/** High, and without chroma subsampling: thin coloured lines would blur. */
const JPEG = { quality: 90, chromaSubsampling: '4:4:4' } as const;

/** Draws each face's box and label over the picture and encodes the result, which `isAnnotated` recognizes. */
export async function annotateImage(
  image: PixelImage,
  faces: readonly AnnotatedFace[],
  options: AnnotateOptions = {},
): Promise<Uint8Array> {
  const { width, height, data } = image;
  const picture = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  // `unlimited`: many faces make a large drawing, and its source is trusted.
  const drawing = { input: Buffer.from(drawFaces(image, faces)), unlimited: true, limitInputPixels: false };
  const drawn = picture.composite([drawing]).withExif({ IFD0: { ImageDescription: MARK } });
  return await (options.format === 'png' ? drawn.png() : drawn.jpeg(JPEG)).toBuffer();
}

/** The picture with each face's box and label drawn on it, as pixels: for the frames of a video. */
export async function drawOn(image: PixelImage, faces: readonly AnnotatedFace[]): Promise<PixelImage> {
  const { width, height, data } = image;
  const drawing = { input: Buffer.from(drawFaces(image, faces)), unlimited: true, limitInputPixels: false };
  const drawn = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .composite([drawing])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height, data: drawn };
}
