/** Flip, shift, scale, rotation and shear as one affine map, so that a face is resampled once. */
import { type Affine, type CropRegion, cropTransform } from '../../../vision/index.js';

export interface Placement {
  /** Whether to mirror left to right, after everything else. */
  readonly flip: boolean;
  /** The shift of the crop along the picture's axes, in shares of its width and height. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** The magnification of the face. */
  readonly scale: number;
  /** The clockwise rotation of the crop in radians; the face turns the other way. */
  readonly angle: number;
  /** The angle of the shear in radians: a point (u, v) from the middle of the output shows what is at (u·cos, v − u·sin). */
  readonly shear: number;
}

/**
 * The map from an output of `width` × `height` pixels to the picture; if the placement changes nothing, it equals that
 * of `preprocess` bit for bit.
 */
export function placedTransform(
  crop: CropRegion,
  { flip, shiftX, shiftY, scale, angle, shear }: Placement,
  width: number,
  height: number,
): Affine {
  const straight = cropTransform(
    {
      center: { x: crop.center.x + shiftX * crop.width, y: crop.center.y + shiftY * crop.height },
      width: crop.width / scale,
      height: crop.height / scale,
      angle: crop.angle + angle,
    },
    width,
    height,
  );
  const map = shear === 0 ? straight : sheared(straight, shear, width);
  if (!flip) return map;
  return { ...map, x: map.x + map.ax * width, y: map.y + map.ay * width, ax: -map.ax, ay: -map.ay };
}

/**
 * The map with a shear of the output before it, about its middle, as `apply_affine_transform` of Keras has it: rows and columns
 * (r, c) show what is at (r − sin·c, cos·c).
 */
function sheared({ x, y, ax, ay, bx, by }: Affine, shear: number, width: number): Affine {
  const [cos, sin] = [Math.cos(shear), Math.sin(shear)];
  const [across, down] = [cos * ax - sin * bx, cos * ay - sin * by];
  return {
    x: x + ((ax - across) * width) / 2,
    y: y + ((ay - down) * width) / 2,
    ax: across,
    ay: down,
    bx,
    by,
  };
}
