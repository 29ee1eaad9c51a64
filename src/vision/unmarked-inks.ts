/**
 * JPEG files in CMYK without Adobe's marker, which do not say whether inks are stored as shares or inverted, as Adobe's
 * programs write them. libvips takes them as inverted, so that some become negatives.
 *
 * The amount of ink shows which is right: paper takes about 300%, and no separation has more than 340% of the four inks,
 * but in a negative the white of the paper has 400%.
 *
 * Adobe, Supporting the DCT Filters in PostScript Level 2, section 18 (APP14); TIFF 6.0, section 16 (CMYK).
 */
import sharp from 'sharp';

const INKS = 4;
/** More than all inks together may be, of 255 each. */
const TOO_MUCH = 3.6 * 255;
/** The side in pixels of the copy whose ink is measured. */
const GLANCE = 64;

const inksOf = (bytes: Uint8Array, failOn: 'none' | 'warning') =>
  sharp(bytes, { failOn, limitInputPixels: false }).pipelineColourspace('cmyk').toColourspace('cmyk');

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
export async function withInksInverted(bytes: Uint8Array): Promise<Uint8Array> {
  const { icc } = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
  const { data, info } = await inksOf(bytes, 'warning')
    .autoOrient()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i++) data[i] = 255 - data[i]!;
  return cmykTiff(data, info.width, info.height, icc);
}

const [SHORT, LONG, UNDEFINED] = [3, 4, 7];
const ENTRY = 12;
const PHOTOMETRIC_CMYK = 5;

function cmykTiff(inks: Uint8Array, width: number, height: number, icc: Uint8Array | undefined): Uint8Array {
  const fields = (
    data: number,
    profile: number,
  ): [tag: number, type: number, count: number, value: number][] => [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    // Bits per sample: four numbers of 16 bits before the pixels.
    [258, SHORT, INKS, data - 2 * INKS],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, PHOTOMETRIC_CMYK],
    [273, LONG, 1, data],
    [277, SHORT, 1, INKS],
    [278, LONG, 1, height],
    [279, LONG, 1, inks.length],
    ...(icc ? [[34675, UNDEFINED, icc.length, profile] as [number, number, number, number]] : []),
  ];
  const count = fields(0, 0).length;
  const start = 8 + 2 + ENTRY * count + 4 + 2 * INKS;
  const tiff = Buffer.alloc(start + inks.length + (icc?.length ?? 0));
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(count, 8);
  fields(start, start + inks.length).forEach(([tag, type, length, value], i) => {
    const at = 10 + ENTRY * i;
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(length, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  });
  for (let ink = 0; ink < INKS; ink++) tiff.writeUInt16LE(8, start - 2 * (INKS - ink));
  tiff.set(inks, start);
  if (icc) tiff.set(icc, start + inks.length);
  return tiff;
}
