/**
 * JPEG files in CMYK without Adobe's marker, which do not say whether inks are stored as shares or inverted, as Adobe's
 * programs write them. libvips takes them as inverted, so that some become negatives.
 *
 * The amount of ink shows which is right: paper takes about 300%, and no separation has more than 340% of the four inks,
 * but in a negative the white of the paper has 400%.
 *
 * Adobe, Supporting the DCT Filters in PostScript Level 2, section 18 (APP14).
 */
import sharp from 'sharp';
import { reporting } from './late-warnings.js';

const INKS = 4;
/** More than all inks together may be, of 255 each. */
const TOO_MUCH = 3.6 * 255;
/** The side in pixels of the copy whose ink is measured. */
const GLANCE = 64;

const inksOf = (bytes: Uint8Array, failOn: 'none' | 'warning') =>
  reporting(sharp(bytes, { failOn, limitInputPixels: false }))
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk');

/** Whether more pixels have too much ink as libvips reads them than the other way. */
export async function areNegative(bytes: Uint8Array): Promise<boolean> {
  const inks = await inksOf(bytes, 'none').resize(GLANCE, GLANCE, { fit: 'fill' }).raw().toBuffer();
  let [inverted, plain] = [0, 0];
  for (let at = 0; at < inks.length; at += INKS) {
    const sum = inks[at]! + inks[at + 1]! + inks[at + 2]! + inks[at + 3]!;
    if (sum > TOO_MUCH) inverted++;
    if (INKS * 255 - sum > TOO_MUCH) plain++;
  }
  return inverted > plain;
}

/**
 * The upright picture as an uncompressed TIFF file, with its inks the other way.
 * @throws the decoder's error for a damaged file
 */
export const withInksInverted = (bytes: Uint8Array): Promise<Uint8Array> =>
  inksOf(bytes, 'warning').autoOrient().negate().keepIccProfile().tiff({ compression: 'none' }).toBuffer();
