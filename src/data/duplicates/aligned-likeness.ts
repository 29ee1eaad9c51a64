/**
 * The likeness of two pictures after the small shift, zoom and turn that match them best, for copies that are cropped a
 * little or a little oblique: Gauss-Newton on the squared differences, with a gain and an offset of brightness (Lucas and
 * Kanade, "An Iterative Image Registration Technique", IJCAI 1981; Baker and Matthews, "Lucas-Kanade 20 Years On", IJCV
 * 2004).
 */
import { THUMBNAIL } from './perceptual-hash.js';

/** How far pictures are moved at most: by pixels of their thumbnails, a share of their size, and radians. */
const [MOST_SHIFT, MOST_ZOOM, MOST_TURN] = [1.2, 0.1, 0.08];
const ROUNDS = 3;
/** Pictures that explain less of each other's variation, as a correlation, are not alike after further rounds. */
const HOPELESS = 0.92;
/** Too few pixels that both show say nothing. */
const FEWEST_PIXELS = 100;

/** Of each pixel: its change per shift to the right and down, zoom and turn; its value; 1; its value in the other picture. */
const [VALUE, ONE, OTHER, TERMS] = [4, 5, 6, 7];
const CENTRE = (THUMBNAIL - 1) / 2;

/** The largest correlation of the first thumbnail, moved, with the second, in -1..1. */
export function alignedLikeness(a: Int8Array, b: Int8Array): number {
  let [right, down, zoom, turn] = [0, 0, 0, 0];
  let largest = -1;
  for (let round = 0; ; round++) {
    const sums = productSums(a, b, { right, down, zoom, turn });
    if (sums[TERMS * ONE + ONE]! < FEWEST_PIXELS) return largest;
    largest = Math.max(largest, correlation(sums));
    if (round === ROUNDS) return largest;
    const { factors, correlation: reachable } = regression(sums);
    const gain = factors[VALUE]!;
    if (!(gain > 0 && reachable >= HOPELESS)) return largest;
    right += factors[0]! / gain;
    down += factors[1]! / gain;
    zoom += factors[2]! / gain;
    turn += factors[3]! / gain;
    const shift = Math.max(Math.abs(right), Math.abs(down));
    if (shift > MOST_SHIFT || Math.abs(zoom) > MOST_ZOOM || Math.abs(turn) > MOST_TURN) return largest;
  }
}

interface Move {
  readonly right: number;
  readonly down: number;
  readonly zoom: number;
  readonly turn: number;
}

/** `[TERMS, TERMS]`: the products of all terms, summed over the pixels within the border that both pictures show. */
function productSums(a: Int8Array, b: Int8Array, { right, down, zoom, turn }: Move): Float64Array {
  const sums = new Float64Array(TERMS * TERMS);
  const terms = new Float64Array(TERMS);
  terms[ONE] = 1;
  for (let y = 1; y < THUMBNAIL - 1; y++) {
    for (let x = 1; x < THUMBNAIL - 1; x++) {
      const [u, v] = [x - CENTRE, y - CENTRE];
      const px = x + zoom * u - turn * v + right;
      const py = y + zoom * v + turn * u + down;
      const [ix, iy] = [Math.floor(px), Math.floor(py)];
      if (ix < 0 || iy < 0 || ix >= THUMBNAIL - 1 || iy >= THUMBNAIL - 1) continue;
      const [fx, fy] = [px - ix, py - iy];
      const at = THUMBNAIL * iy + ix;
      const [p, q, r, s] = [a[at]!, a[at + 1]!, a[at + THUMBNAIL]!, a[at + THUMBNAIL + 1]!];
      const [above, below] = [p + fx * (q - p), r + fx * (s - r)];
      const [across, along] = [(q - p) * (1 - fy) + (s - r) * fy, below - above];
      terms[0] = across;
      terms[1] = along;
      terms[2] = u * across + v * along;
      terms[3] = u * along - v * across;
      terms[VALUE] = above + fy * along;
      terms[OTHER] = b[THUMBNAIL * y + x]!;
      for (let i = 0; i < TERMS; i++) {
        for (let j = i; j < TERMS; j++) sums[TERMS * i + j]! += terms[i]! * terms[j]!;
      }
    }
  }
  for (let i = 0; i < TERMS; i++) for (let j = 0; j < i; j++) sums[TERMS * i + j] = sums[TERMS * j + i]!;
  return sums;
}

function correlation(sums: Float64Array): number {
  const count = sums[TERMS * ONE + ONE]!;
  const spread = (i: number, j: number) =>
    sums[TERMS * i + j]! - (sums[TERMS * i + ONE]! * sums[TERMS * j + ONE]!) / count;
  return spread(VALUE, OTHER) / Math.sqrt(spread(VALUE, VALUE) * spread(OTHER, OTHER) || 1);
}

/** The factors of the terms whose sum is nearest to the other picture, by Gauss's elimination, and how near that is. */
function regression(sums: Float64Array): { readonly factors: Float64Array; readonly correlation: number } {
  const left = sums.slice();
  for (let i = 0; i < OTHER; i++) {
    // Even surfaces have terms that are zero.
    left[TERMS * i + i]! += 1e-6 * (sums[TERMS * i + i]! + 1);
    for (let j = i + 1; j < OTHER; j++) {
      const share = left[TERMS * j + i]! / left[TERMS * i + i]!;
      for (let k = i; k < TERMS; k++) left[TERMS * j + k]! -= share * left[TERMS * i + k]!;
    }
  }
  const factors = new Float64Array(OTHER);
  let explained = 0;
  for (let i = OTHER - 1; i >= 0; i--) {
    let rest = left[TERMS * i + OTHER]!;
    for (let k = i + 1; k < OTHER; k++) rest -= left[TERMS * i + k]! * factors[k]!;
    factors[i] = rest / left[TERMS * i + i]!;
    explained += factors[i]! * sums[TERMS * i + OTHER]!;
  }
  const mean = sums[TERMS * ONE + OTHER]! ** 2 / sums[TERMS * ONE + ONE]!;
  const share = (explained - mean) / (sums[TERMS * OTHER + OTHER]! - mean || 1);
  return { factors, correlation: Math.sqrt(Math.max(0, share)) };
}
