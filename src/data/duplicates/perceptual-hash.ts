/**
 * The perceptual hash for finding near-duplicates: copies with another size, compression, brightness or contrast, with
 * a caption or cropped by a few pixels.
 *
 * It is pHash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1): the
 * picture's luma at 32 × 32 pixels, its discrete cosine transform, and for each of the 64 coefficients of frequencies 1
 * to 8 in both directions, whether it is above their median. On aligned faces, which all have the same coarse light and
 * dark, this separates copies from other pictures better than a hash of neighbouring differences (dHash).
 */
import { type PixelImage, resizeImage } from '../../vision/index.js';

const SIDE = 32;
const FREQUENCIES = 8;

/** `[FREQUENCIES, SIDE]`: the cosines of the DCT-II, from frequency 1 on. */
const COSINES = Float64Array.from({ length: FREQUENCIES * SIDE }, (_, i) => {
  const frequency = 1 + Math.floor(i / SIDE);
  return Math.cos((Math.PI * frequency * (2 * (i % SIDE) + 1)) / (2 * SIDE));
});

/** The features for finding near-duplicates. */
export interface PictureSignature {
  /** 64 bits. Two pictures are compared by the number of bits that differ. */
  readonly hash: bigint;
  /** The same of the picture's mirror image. */
  readonly mirrored: bigint;
  /** `[THUMBNAIL, THUMBNAIL]`: the luma less its mean, in units of 1/127 of the largest deviation. */
  readonly thumbnail: Int8Array;
}

/** The side of a picture's thumbnail, half of that of the copy that is hashed. */
export const THUMBNAIL = SIDE / 2;

/** The signature of a picture of any size. */
export function pictureSignature(image: PixelImage): PictureSignature {
  const pixels = luma(image);
  const coefficients = transform(pixels);
  return {
    hash: aboveMedian(coefficients),
    // Mirroring flips the sign of the cosines of odd horizontal frequencies; the first has frequency 1.
    mirrored: aboveMedian(coefficients.map((c, i) => (i % 2 === 0 ? -c : c))),
    thumbnail: thumbnailOf(pixels),
  };
}

function thumbnailOf(pixels: Float64Array): Int8Array {
  const means = Float64Array.from({ length: THUMBNAIL * THUMBNAIL }, (_, i) => {
    const at = 2 * (SIDE * Math.floor(i / THUMBNAIL) + (i % THUMBNAIL));
    return (pixels[at]! + pixels[at + 1]! + pixels[at + SIDE]! + pixels[at + SIDE + 1]!) / 4;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  const largest = means.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 1);
  return Int8Array.from(means, (value) => Math.round((127 * (value - mean)) / largest));
}

/** The correlation of two pictures by their thumbnails, in -1..1. */
export function likeness(a: Int8Array, b: Int8Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return ab / Math.sqrt(aa * bb);
}

/** The thumbnail of a picture's mirror image. */
export const mirrored = (thumbnail: Int8Array): Int8Array =>
  thumbnail.map((_, i) => thumbnail[i ^ (THUMBNAIL - 1)]!);

function aboveMedian(coefficients: Float64Array): bigint {
  const sorted = coefficients.slice().sort();
  const median = (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
  const halves = new Uint32Array(2);
  for (let i = 0; i < coefficients.length; i++) {
    if (coefficients[i]! > median) halves[i >> 5]! |= 1 << (31 - (i & 31));
  }
  return (BigInt(halves[0]!) << 32n) | BigInt(halves[1]!);
}

/** ITU-R BT.601, in thousandths. */
const LUMA = { red: 299, green: 587, blue: 114 } as const;

/**
 * `[SIDE, SIDE]`: the mean luma of each cell of a grid, with border pixels shared between cells. Written for speed: it
 * is the only per-pixel work of an import on the main thread.
 */
function luma(image: PixelImage): Float64Array {
  if (image.width < SIDE || image.height < SIDE) {
    return luma(resizeImage(image, Math.max(SIDE, image.width), Math.max(SIDE, image.height)));
  }
  const { width, height, data } = image;
  const [across, down] = [divide(width), divide(height)];
  const cells = new Float64Array(SIDE * SIDE);
  const row = new Float64Array(SIDE + 1);
  for (let y = 0, at = 0; y < height; y++) {
    row.fill(0);
    for (let x = 0; x < width; x++, at += 3) {
      const value = LUMA.red * data[at]! + LUMA.green * data[at + 1]! + LUMA.blue * data[at + 2]!;
      const cell = across.cell[x]!;
      const share = across.share[x]! * value;
      row[cell]! += share;
      row[cell + 1]! += value - share;
    }
    const first = SIDE * down.cell[y]!;
    const share = down.share[y]!;
    for (let i = 0; i < SIDE; i++) cells[first + i]! += share * row[i]!;
    if (share < 1) for (let i = 0; i < SIDE; i++) cells[first + SIDE + i]! += (1 - share) * row[i]!;
  }
  const scale = (SIDE * SIDE) / (1000 * width * height);
  return cells.map((value) => scale * value);
}

/**
 * For each pixel along a side of `length` ≥ SIDE, the cell where it starts, and the share of it there; the rest is
 * in the next cell.
 */
function divide(length: number): { readonly cell: Int32Array; readonly share: Float64Array } {
  const cell = new Int32Array(length);
  const share = new Float64Array(length);
  for (let pixel = 0; pixel < length; pixel++) {
    cell[pixel] = Math.floor((pixel * SIDE) / length);
    share[pixel] = Math.min(1, ((cell[pixel]! + 1) * length) / SIDE - pixel);
  }
  return { cell, share };
}

/**
 * `[SIDE, SIDE]` → `[FREQUENCIES, FREQUENCIES]`, in integers: fractions are rounding errors, which would turn the hash
 * of an even surface into noise.
 */
function transform(pixels: Float64Array): Float64Array {
  const rows = new Float64Array(SIDE * FREQUENCIES);
  for (let y = 0; y < SIDE; y++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += COSINES[u * SIDE + x]! * pixels[y * SIDE + x]!;
      rows[y * FREQUENCIES + u] = sum;
    }
  }
  const coefficients = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += COSINES[v * SIDE + y]! * rows[y * FREQUENCIES + u]!;
      coefficients[v * FREQUENCIES + u] = Math.round(sum);
    }
  }
  return coefficients;
}
