/** Lossless quarter turns of a picture, and the inverse for points, boxes and faces. */
import type { Box, DetectedFace, PixelImage, Point } from './types.js';

/** Degrees clockwise on screen. */
export type Turn = 90 | 180 | 270;

type Size = Pick<PixelImage, 'width' | 'height'>;

/** The picture rotated clockwise; 90 and 270 degrees swap width and height. */
export function rotateImage(image: PixelImage, turn: Turn): PixelImage {
  const upright = turn === 180;
  const width = upright ? image.width : image.height;
  const height = upright ? image.height : image.width;
  const data = new Uint8Array(image.data.length);
  // The source of the rotated picture's first pixel, and the source strides of its neighbours across and down.
  const pitch = image.width * 3;
  const last = (image.height - 1) * pitch;
  const [start, across, down] =
    turn === 90 ? [last, -pitch, 3] : turn === 180 ? [last + pitch - 3, -3, -pitch] : [pitch - 3, pitch, -3];
  let to = 0;
  for (let row = 0; row < height; row++) {
    let from = start + row * down;
    for (let column = 0; column < width; column++) {
      data[to] = image.data[from]!;
      data[to + 1] = image.data[from + 1]!;
      data[to + 2] = image.data[from + 2]!;
      to += 3;
      from += across;
    }
  }
  return { width, height, data };
}

/** Maps a point of the rotated picture back to the original, of size `given`. */
export function turnBackPoint({ x, y }: Point, turn: Turn, given: Size): Point {
  switch (turn) {
    case 90:
      return { x: y, y: given.height - x };
    case 180:
      return { x: given.width - x, y: given.height - y };
    case 270:
      return { x: given.width - y, y: x };
  }
}

/** Maps a box of the rotated picture back to the original, of size `given`. */
export function turnBackBox(box: Box, turn: Turn, given: Size): Box {
  const a = turnBackPoint(box, turn, given);
  const b = turnBackPoint({ x: box.x + box.width, y: box.y + box.height }, turn, given);
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

/** Maps a face found in the rotated picture back to the original, of size `given`. */
export function turnBackFace(face: DetectedFace, turn: Turn, given: Size): DetectedFace {
  const { rightEye, leftEye, nose, mouth } = face.landmarks;
  const back = (point: Point) => turnBackPoint(point, turn, given);
  return {
    box: turnBackBox(face.box, turn, given),
    score: face.score,
    landmarks: { rightEye: back(rightEye), leftEye: back(leftEye), nose: back(nose), mouth: back(mouth) },
  };
}
