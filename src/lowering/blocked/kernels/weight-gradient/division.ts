/**
 * How images are cut into the channels of a convolution that sums over them. Measured on ONNX Runtime 1.30, two threads,
 * in one process in turns, the best of nine rounds, on two cores of AVX-512 (blocks of 16).
 */
import type { BlockSize } from '../../layout/layouts.js';

/**
 * Bytes of dy, as the weights of a convolution that sums over images, that its kernel reads again for every few
 * outputs: of one block of images and four blocks of outputs. With more than this the core's second cache does not
 * hold them beside the rest: of 2 MiB where blocks are of 16 (a step of WRN-16-8 at 64 px takes 2,470 instead of
 * 2,030 ms, and fewer bytes gain nothing), of 256 or 512 KiB where they are of 8.
 */
const CACHED = { 8: 2 ** 18, 16: 2 ** 20 } as const;
const OUTPUT_BLOCKS = 4;

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
 * The division of images, given by dy's height and width, that computes the fewest zeros of those whose parts the
 * cache holds; of equals that of the fewest parts. A batch of 8 in blocks of 16, in halves of images instead of filled
 * up with zeros, milliseconds: 64 → 64 @ 56 25.1 instead of 47.7, 128 → 128 @ 28 16.8 instead of 42.9, 256 → 256 @ 14
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
