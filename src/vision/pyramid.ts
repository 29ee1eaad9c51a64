/** At which sizes the detector looks at a picture. */

/** A copy of the picture, on a canvas whose sides the network can halve five times. */
export interface Level {
  /** The copy's size in pixels. */
  readonly width: number;
  readonly height: number;
  /** The canvas's size: the copy lies in its upper left corner. */
  readonly canvasWidth: number;
  readonly canvasHeight: number;
}

/** The network finds faces of about 12 to 160 px, best those of 20 to 100. So that one of 24 px in the picture
 *  still has 13, the finest copy is at least this share of the picture ... */
const FINEST_SHARE = 0.54;
/** ... and at least this long, but no more than so many times as long as the picture, ... */
const FINEST_AT_LEAST = 384;
const ENLARGE_AT_MOST = 1.3;
/** ... and at most this long: a face of a 1/80 of the picture's length is found, a smaller one costs too much. */
const FINEST_AT_MOST = 1024;

/** Each copy is so many times as long as the next. */
const STEP = 2;
/** A copy below this length is left out: a face that fills the picture has 160 px at twice as much. */
const COARSEST = 96;

const MULTIPLE = 32;

/** The copies, the finest first, that the network is run on; their lengths are those of the longer side. */
export function pyramid(width: number, height: number): Level[] {
  return levels(width, height, finest(width, height));
}

/** The sizes in between those of `pyramid`. */
export function pyramidBetween(width: number, height: number): Level[] {
  return levels(width, height, finest(width, height) / Math.sqrt(STEP));
}

function finest(width: number, height: number): number {
  const longer = Math.max(width, height);
  return Math.min(
    FINEST_AT_MOST,
    Math.max(FINEST_SHARE * longer, Math.min(FINEST_AT_LEAST, ENLARGE_AT_MOST * longer)),
  );
}

function levels(width: number, height: number, first: number): Level[] {
  const found: Level[] = [];
  for (let size = first; size >= COARSEST || found.length === 0; size /= STEP) {
    const scale = size / Math.max(width, height);
    const w = Math.max(1, Math.round(width * scale));
    const h = Math.max(1, Math.round(height * scale));
    found.push({ width: w, height: h, canvasWidth: canvas(w), canvasHeight: canvas(h) });
  }
  return found;
}

const canvas = (side: number) => Math.ceil(side / MULTIPLE) * MULTIPLE;
