/** Properties of a TIFF file that decide how, or whether, it is decoded. TIFF 6.0, sections 2, 18, 19 and 23. */

import { tiffTags } from './tiff-tags.js';

const TAGS = {
  kind: 254,
  bits: 258,
  colours: 262,
  channels: 277,
  subdirectories: 330,
  extraSamples: 338,
  sampleFormats: 339,
  dngVersion: 50_706,
} as const;
/** The bit of `kind` by which a directory is a smaller version of another's picture. */
const REDUCED = 1;
/** A camera's own colours: of a mosaic (ISO 12234-2), and of DNG's LinearRaw. */
const RAW_COLOURS = [32_803, 34_892];
/** What Canon's CR2 has after its header. */
const CANON = 'CR';

/** The maximum number of channels: red, green, blue and alpha, or four inks. */
export const MAX_CHANNELS = 4;
/** The number of channels that each kind of colours takes; 3 for others. */
const COLOURS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 3: 1, 5: 4 };
/** Kinds of colours that are not decoded. */
const ODD_COLOURS: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  8: 'CIELab colours',
  9: 'CIELab colours',
  10: 'CIELab colours',
  32844: 'LogLuv colours',
  32845: 'LogLuv colours',
};
/** Bits per sample that are decoded; fewer only of one channel. */
const [FEW_BITS, BITS] = [
  [1, 2, 4],
  [8, 16],
];
/** Sample formats other than whole numbers without a sign. */
const ODD_FORMATS: Readonly<Record<number, string>> = {
  2: 'signed samples',
  3: 'floating-point samples',
  5: 'complex samples',
  6: 'complex samples',
};

/**
 * Whether the first page of a TIFF has extra channels of unspecified meaning, which must not be taken for transparency.
 */
export function hasUnspecifiedChannel(bytes: Uint8Array): boolean {
  const tags = tiffTags(bytes);
  const extra = tags.get(TAGS.extraSamples)?.[0];
  if (extra !== undefined) return extra === 0;
  const colours = COLOURS[tags.get(TAGS.colours)?.[0] ?? 2] ?? 3;
  return (tags.get(TAGS.channels)?.[0] ?? 1) > colours;
}

/** Whether it is a raw photograph of a camera (DNG, NEF, ARW, CR2, PEF, …), whose first page is often a small preview. */
export function isRawPhotograph(bytes: Uint8Array): boolean {
  if (String.fromCharCode(...bytes.subarray(8, 10)) === CANON) return true;
  const tags = tiffTags(bytes);
  if (tags.has(TAGS.dngVersion) || RAW_COLOURS.includes(tags.get(TAGS.colours)?.[0] ?? 0)) return true;
  return ((tags.get(TAGS.kind)?.[0] ?? 0) & REDUCED) !== 0 && tags.has(TAGS.subdirectories);
}

/** What a TIFF that the decoder refuses has that it does not read, if that is known. */
export function oddForm(
  bytes: Uint8Array,
): { readonly expected: string; readonly found: string } | undefined {
  const tags = tiffTags(bytes);
  const first = (tag: number) => tags.get(tag)?.[0];
  const channels = first(TAGS.channels) ?? 1;
  const [bits, format] = [first(TAGS.bits) ?? 1, first(TAGS.sampleFormats) ?? 1];
  const samples = ODD_FORMATS[format] ?? (isRead(bits, channels) ? undefined : `${bits} bits per sample`);
  if (samples !== undefined)
    return { expected: 'an image with 8 or 16 bits per sample', found: `a TIFF of ${samples}` };
  if (channels > MAX_CHANNELS)
    return {
      expected: `an image of at most ${MAX_CHANNELS} channels`,
      found: `a TIFF of ${channels} channels`,
    };
  const colours = ODD_COLOURS[first(TAGS.colours) ?? 2];
  return colours === undefined
    ? undefined
    : { expected: 'an image in grey, RGB or CMYK', found: `a TIFF of ${colours}` };
}

const isRead = (bits: number, channels: number): boolean =>
  BITS.includes(bits) || (channels === 1 && FEW_BITS.includes(bits));
