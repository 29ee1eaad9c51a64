/** Flip, shift, scale and rotation as one affine map, so that a face is resampled once. */
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
}

/**
 * The map from an output of `width` × `height` pixels to the picture; if the placement changes nothing, it equals that
 * of `preprocess` bit for bit.
 */
export function placedTransform(
  crop: CropRegion,
  { flip, shiftX, shiftY, scale, angle }: Placement,
  width: number,
  height: number,
): Affine {
  const map = cropTransform(
    {
      center: { x: crop.center.x + shiftX * crop.width, y: crop.center.y + shiftY * crop.height },
      width: crop.width / scale,
      height: crop.height / scale,
      angle: crop.angle + angle,
    },
    width,
    height,
  );
  if (!flip) return map;
  return { ...map, x: map.x + map.ax * width, y: map.y + map.ay * width, ax: -map.ax, ay: -map.ay };
}
