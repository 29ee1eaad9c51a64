/**
 * Which formulation a weight gradient takes, by shape. Measured on ONNX Runtime 1.30, two threads, in one process in
 * turns, the best of nine rounds, on two cores of AVX-512 (blocks of 16).
 */
import type { BlockSize } from './layouts.js';

/**
 * Of 1×1 convolutions: products of matrices image by image where the maps have this many positions or more, one for
 * the whole batch below. Milliseconds at [channels → outputs @ side, batch]:
 *
 * | | image by image | whole batch | interleaved |
 * |---|---|---|---|
 * | 64 → 256 @ 56, 8 | 7.1 | 16.3 | 53 |
 * | 512 → 128 @ 28, 8 | 9.1 | 15.5 | 57 |
 * | 256 → 1024 @ 14, 8 | 8.6 | 15.5 | 31 |
 * | 2048 → 512 @ 7, 8 | 11.2 | 7.0 | 15 |
 * | 128 → 128 @ 40, 32 | 15.9 | 21.8 | 40 |
 * | 512 → 512 @ 10, 32 | 24.8 | 15.9 | 12 |
 * | 1024 → 1024 @ 5, 32 | 41.6 | 10.4 | 17 |
 */
export const LARGE_MAP = 196;

/** Images and parts of images that fill the blocks of a convolution in which they are the channels. */
export interface Division {
  /** Parts of some rows that each image is cut into: a block holds as many images fewer. */
  readonly parts: number;
  /** Rows of a part; those beyond the image hold zeros. */
  readonly rows: number;
  /** Images and, behind them, images of zeros. */
  readonly images: number;
}

/**
 * The division that computes the fewest zeros; of equals that of the fewest parts. A batch of 8 in blocks of 16, in
 * halves of images instead of filled up with zeros, milliseconds: 64 → 64 @ 56 25.1 instead of 47.7, 128 → 128 @ 28
 * 16.8 instead of 42.9, 256 → 256 @ 14 16.0 instead of 26.0. More parts, for the cache's sake, gain nothing.
 */
export function divisionOf(batch: number, height: number, block: BlockSize): Division {
  const choices = [1, 2, 4].map((parts): Division => {
    const images = Math.ceil(batch / (block / parts)) * (block / parts);
    return { parts, rows: Math.ceil(height / parts), images };
  });
  const size = ({ parts, rows, images }: Division) => parts * rows * images;
  return choices.reduce((best, one) => (size(one) < size(best) ? one : best));
}
