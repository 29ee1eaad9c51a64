/**
 * How images are divided into the channels of a convolution that sums over them. Measured with ONNX Runtime 1.30 on two
 * AVX-512 cores (blocks of 16), two threads, interleaved in one process, best of nine rounds.
 */
import type { BlockSize } from '../../layout/layouts.js';

/**
 * The maximum size in bytes of dy, as the weights of a convolution that sums over images, that its kernel reads
 * repeatedly: one block of images and four blocks of outputs. More does not fit into the core's L2 cache with the other
 * data: 2 MiB on machines with blocks of 16 (a step of WRN-16-8 at 64 px takes 2,470 instead of 2,030 ms; a lower limit
 * gains nothing), 256 or 512 KiB on those with blocks of 8.
 */
const CACHED = { 8: 2 ** 18, 16: 2 ** 20 } as const;
const OUTPUT_BLOCKS = 4;

/** Images and parts of images as the channels of a convolution. */
export interface Division {
  /** The number of parts per image; a block holds correspondingly fewer images. */
  readonly parts: number;
  /** Rows per part; those outside the image are zero. */
  readonly rows: number;
  /** The number of images, including zero images at the end. */
  readonly images: number;
}

/**
 * The division of images, given dy's height and width, with the fewest zeros among those whose parts fit into the
 * cache; among equals, the one with the fewest parts. For a batch of 8 in blocks of 16, halves of images instead of
 * zero images give, in milliseconds: 64 → 64 @ 56 25.1 instead of 47.7, 128 → 128 @ 28 16.8 instead of 42.9, 256 → 256
 * @ 14
 * 16.0 instead of 26.0.
 */
export function divisionOf(batch: number, height: number, width: number, block: BlockSize): Division {
  const choices: Division[] = [];
  for (let parts = 1; parts <= Math.min(block, height); parts *= 2) {
    const images = Math.ceil(batch / (block / parts)) * (block / parts);
    choices.push({ parts, rows: Math.ceil(height / parts), images });
  }
  const bytes = ({ rows }: Division) => 4 * rows * width * block * block * OUTPUT_BLOCKS;
  const cached = choices.filter((one) => bytes(one) <= CACHED[block]);
  const size = ({ parts, rows, images }: Division) => parts * rows * images;
  return (cached.length > 0 ? cached : choices.slice(-1)).reduce((best, one) =>
    size(one) < size(best) ? one : best,
  );
}
