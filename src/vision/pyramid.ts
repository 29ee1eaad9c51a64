/** At which sizes the detector looks at a picture. */
import type { PixelImage } from './types.js';

/** A copy of the picture by its size in pixels. */
export type Level = Pick<PixelImage, 'width' | 'height'>;

/** The network finds faces of about 12 to 160 px, best those of 20 to 100. So that one of 24 px in the picture
 *  still has almost 13, the finest copy is this share of the picture, ... */
const FINEST_SHARE = 1024 / 1920;
/** ... but at most this long: a face of 1/80 of the picture's length is found, a smaller one costs too much. */
const FINEST_AT_MOST = 1024;

/** A closer look at a small picture: a copy this long, but no more than so many times as long as the picture. */
const CLOSER = 320;
const ENLARGE_AT_MOST = 1.3;

/** Each copy is so many times as long as the next. */
const STEP = 2;
/** A copy below this length is left out: a face that fills the picture has 160 px at twice as much. */
const COARSEST = 96;

/** The copies, the finest first, that the network is run on; their lengths are those of the longer side. */
export function pyramid(width: number, height: number): Level[] {
  return levels(width, height, finest(width, height));
}

/** The copies for a closer look at a small picture; none where `pyramid` is as close. */
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
