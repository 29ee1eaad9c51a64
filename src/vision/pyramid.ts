/** The sizes at which the detector searches a picture. */
import type { PixelImage } from './types.js';

/** The size of a scaled copy in pixels. */
export type Level = Pick<PixelImage, 'width' | 'height'>;

/**
 * The network finds faces of about 12 to 160 px, best those of 20 to 100. The finest copy is this share of the picture,
 * so that a face of 24 px still has almost 13, ...
 */
const FINEST_SHARE = 1024 / 1920;
/** ... but at most this long: a face of 1/80 of the picture's length is found, a smaller one costs too much. */
const FINEST_AT_MOST = 1024;

/** For small pictures: an enlarged copy of this length, but at most this many times the picture's. */
const CLOSER = 320;
const ENLARGE_AT_MOST = 1.3;

/** The ratio of lengths between neighbouring copies. */
const STEP = 2;
/** Copies below this length are left out: a face that fills the picture has 160 px at twice this length. */
const COARSEST = 96;

/** The size in pixels of a copy at which the network finds a face reliably. */
const SURELY_FOUND = 16;

/**
 * The copies that the network runs on, finest first.
 * @param smallest the size of the smallest face that matters, in pixels of the picture; finer copies are skipped
 */
export function pyramid(width: number, height: number, smallest = 0): Level[] {
  const enough = (SURELY_FOUND / smallest) * Math.max(width, height);
  return levels(width, height, Math.min(finest(width, height), Math.max(enough, COARSEST)));
}

/** The enlarged copies of a small picture; none if `pyramid` already has them. */
export function closerPyramid(width: number, height: number): Level[] {
  const closer = Math.min(CLOSER, ENLARGE_AT_MOST * Math.max(width, height));
  return closer > finest(width, height) ? levels(width, height, closer) : [];
}

/** The sizes in between those of `pyramid`. */
export function pyramidBetween(width: number, height: number): Level[] {
  return levels(width, height, finest(width, height) / Math.sqrt(STEP));
}

function finest(width: number, height: number): number {
  return Math.min(FINEST_AT_MOST, FINEST_SHARE * Math.max(width, height));
}

function levels(width: number, height: number, first: number): Level[] {
  const found: Level[] = [];
  for (let size = first; size >= COARSEST || found.length === 0; size /= STEP) {
    const scale = size / Math.max(width, height);
    found.push({
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    });
  }
  return found;
}
