/**
 * The perceptual hash by which near-duplicate pictures are found: copies in another size, compression, brightness
 * or contrast, with a caption or cropped by a few pixels.
 *
 * It is pHash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1):
 * the picture's luma at 32 × 32 pixels, its discrete cosine transform, and of the 64 coefficients of frequencies 1 to
 * 8 in both directions whether each is above their median. On aligned faces, which all have the same coarse light
 * and dark, this parts other pictures from copies better than a hash of neighbouring differences (dHash).
 */
import { type PixelImage, resizeImage } from '../../vision/index.js';

const SIDE = 32;
const FREQUENCIES = 8;

/** `[FREQUENCIES, SIDE]`: the cosines of the DCT-II, from frequency 1 on. */
const COSINES = Float64Array.from({ length: FREQUENCIES * SIDE }, (_, i) => {
  const frequency = 1 + Math.floor(i / SIDE);
  return Math.cos((Math.PI * frequency * (2 * (i % SIDE) + 1)) / (2 * SIDE));
});

/** ITU-R BT.601. */
const LUMA = { red: 0.299, green: 0.587, blue: 0.114 } as const;

/** The 64-bit hash of a picture of any size. Two of them are compared by the number of bits that differ. */
export function perceptualHash(image: PixelImage): bigint {
  const coefficients = transform(luma(resizeImage(image, SIDE, SIDE)));
  const sorted = coefficients.slice().sort();
  const median = (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
  let hash = 0n;
  for (const coefficient of coefficients) hash = (hash << 1n) | (coefficient > median ? 1n : 0n);
  return hash;
}

function luma({ data }: PixelImage): Float64Array {
  return Float64Array.from(
    { length: SIDE * SIDE },
    (_, i) => LUMA.red * data[3 * i]! + LUMA.green * data[3 * i + 1]! + LUMA.blue * data[3 * i + 2]!,
  );
}

/** `[SIDE, SIDE]` → `[FREQUENCIES, FREQUENCIES]`, in whole numbers: the rest is rounding, and would make the hash of
 *  an even surface one of noise. */
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
