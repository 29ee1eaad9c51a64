/** What JPEG leaves of a face. */
import sharp from 'sharp';
import type { PixelImage } from '../../../vision/index.js';
import { decodePicture } from '../decode.js';

/** Compresses with JPEG at a quality of 1..100 with the usual chroma subsampling, and decodes again, in place. */
export async function compress(image: PixelImage, quality: number): Promise<void> {
  const { width, height, data } = image;
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  data.set((await decodePicture(bytes, 'compressed face')).data);
}
