/**
 * Pictures as `create_db.py` of age-gender-estimation lays them out. MATLAB counts the first dimension fastest, so that
 * an array `[count, side, side, 3]` has one byte of each picture, then the next byte of each: planes of `count` bytes.
 * Plane `y + side · (x + side · channel)` has the pictures' bytes at x, y, with blue as channel 0.
 */

/** Pictures that change their order together: as many bytes of a plane as a line of cache. */
const TILE = 64;

/** From planes to pictures `[count, side, side, 3]`, red first. */
export function picturesOfPlanes(planes: Uint8Array, count: number, side: number): Uint8Array {
  const pictures = new Uint8Array(planes.length);
  reorder(count, side, (inPictures, inPlanes) => {
    pictures[inPictures] = planes[inPlanes]!;
  });
  return pictures;
}

/** From pictures `[count, side, side, 3]`, red first, to planes. */
export function planesOfPictures(pictures: Uint8Array, count: number, side: number): Uint8Array {
  const planes = new Uint8Array(pictures.length);
  reorder(count, side, (inPictures, inPlanes) => {
    planes[inPlanes] = pictures[inPictures]!;
  });
  return planes;
}

function reorder(count: number, side: number, move: (inPictures: number, inPlanes: number) => void): void {
  const each = side * side * 3;
  for (let tile = 0; tile < count; tile += TILE) {
    const end = Math.min(tile + TILE, count);
    for (let at = 0, y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let channel = 2; channel >= 0; channel--, at++) {
          const plane = (y + side * (x + side * channel)) * count;
          for (let i = tile; i < end; i++) move(i * each + at, plane + i);
        }
      }
    }
  }
}
