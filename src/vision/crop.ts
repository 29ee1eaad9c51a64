/** The geometry of crops: from a face's box to the part of the picture that a network sees, without pixels. */
import type { InputSpec } from '../metadata/index.js';
import type { Box, Landmarks, PixelImage, Point } from './types.js';

/** A face in a picture: its box, and what is known of its roll. A `DetectedFace` is one. */
export interface FaceRegion {
  readonly box: Box;
  readonly landmarks?: Pick<Landmarks, 'rightEye' | 'leftEye'> | null | undefined;
  /** The angle at which the detector is most certain of it, in radians, clockwise, where it was sought (`withAngle`). */
  readonly angle?: number | undefined;
}

/** The fields of an `InputSpec` that determine the crop. */
export type CropSpec = Pick<InputSpec, 'margin' | 'offset' | 'crop' | 'alignment'>;

/** A rectangle of the picture, rotated about its centre. */
export interface CropRegion {
  readonly center: Point;
  /** Pixels of the picture along the crop's own axes. */
  readonly width: number;
  readonly height: number;
  /** The rotation of the crop's x axis from the picture's, in radians, clockwise on screen (y points down). */
  readonly angle: number;
}

/** The map from a position (u, v) in the output to one in the picture, (x + ax·u + bx·v, y + ay·u + by·v).
 *  Positions are in pixels from the top left corner, so that a pixel's centre is half a pixel further. */
export interface Affine {
  readonly x: number;
  readonly y: number;
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

/**
 * The crop of a face: adds `margin` times the box's size on each side, makes it a square with its longer side (`crop:
 * 'square'`), and rotates it about the box's centre: with `alignment: 'roll'` until the eyes are level, with `'rotations'` by
 * the region's angle. An `offset` moves it along its own axes.
 *
 * @param region the face, or null if the whole picture is the face: then there is no margin and no rotation
 */
export function cropRegion(
  image: Pick<PixelImage, 'width' | 'height'>,
  region: FaceRegion | null,
  spec: CropSpec,
): CropRegion {
  const box = region?.box ?? { x: 0, y: 0, width: image.width, height: image.height };
  const grow = region ? 1 + 2 * spec.margin : 1;
  const square = spec.crop === 'square';
  const longer = Math.max(box.width, box.height);
  const angle = region === null ? 0 : angleOf(region, spec.alignment);
  const [right, down] = (region && spec.offset) ?? [0, 0];
  const [dx, dy] = [right * box.width, down * box.height];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    center: {
      x: box.x + box.width / 2 + cos * dx - sin * dy,
      y: box.y + box.height / 2 + sin * dx + cos * dy,
    },
    width: (square ? longer : box.width) * grow,
    height: (square ? longer : box.height) * grow,
    angle,
  };
}

function angleOf({ landmarks, angle = 0 }: FaceRegion, alignment: CropSpec['alignment']): number {
  if (alignment === 'rotations') return angle;
  return alignment === 'roll' && landmarks ? rollAngle(landmarks) : 0;
}

/** A head's roll angle: that of the line from its right eye to its left one, in radians, clockwise. */
export function rollAngle({ rightEye, leftEye }: Pick<Landmarks, 'rightEye' | 'leftEye'>): number {
  return Math.atan2(leftEye.y - rightEye.y, leftEye.x - rightEye.x);
}

/** The map from an output of `width` × `height` pixels to the crop. */
export function cropTransform(crop: CropRegion, width: number, height: number): Affine {
  const cos = Math.cos(crop.angle);
  const sin = Math.sin(crop.angle);
  const [ax, ay] = [(cos * crop.width) / width, (sin * crop.width) / width];
  const [bx, by] = [(-sin * crop.height) / height, (cos * crop.height) / height];
  return {
    x: crop.center.x - (ax * width + bx * height) / 2,
    y: crop.center.y - (ay * width + by * height) / 2,
    ax,
    ay,
    bx,
    by,
  };
}
