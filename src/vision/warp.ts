/** Affine warps of pictures: the sampler for crops and for training's augmentation. */
import type { Affine } from './crop.js';
import { resample } from './resample.js';
import { byteRows, type RowWriter, SAMPLE_BITS } from './rows.js';
import type { PixelImage } from './types.js';

/** Fractional bits of a position across and down in the bilinear sampler; together they make SAMPLE_BITS. */
const ACROSS_BITS = 11;
const DOWN_BITS = SAMPLE_BITS - ACROSS_BITS;

/**
 * Samples the picture where `map` sends the centres of `width` × `height` output pixels, bilinearly, with antialiasing
 * where the output is coarser than the picture. Outside the picture its edge pixels repeat.
 *
 * A grid parallel to the picture's axes is resampled with a triangle filter of half-width s, the number of picture
 * pixels per output pixel. Any other grid takes two steps, each with half-width s/√2: a reduction along the picture's
 * axes, then bilinear sampling on its result. The variances of the two triangles, (s/√2)²/6 each, add up to that of one
 * triangle, s²/6, so that a rotated crop is as sharp as a straight one.
 */
export function warp(image: PixelImage, map: Affine, width: number, height: number, write: RowWriter): void {
  if (map.ay === 0 && map.bx === 0 && map.ax !== 0 && map.by !== 0) {
    const x = { start: map.x, step: map.ax, count: width };
    resample(image, x, { start: map.y, step: map.by, count: height }, write);
    return;
  }
  // How far one output step moves along each axis of the picture.
  const stepX = Math.max(1, Math.hypot(map.ax, map.bx) * Math.SQRT1_2);
  const stepY = Math.max(1, Math.hypot(map.ay, map.by) * Math.SQRT1_2);
  if (stepX === 1 && stepY === 1) {
    sampleBilinear(image, map, width, height, write);
    return;
  }
  const x = coveringAxis(map.x, map.ax * width, map.bx * height, stepX, image.width);
  const y = coveringAxis(map.y, map.ay * width, map.by * height, stepY, image.height);
  const reduced = { width: x.count, height: y.count, data: new Uint8Array(x.count * y.count * 3) };
  resample(image, x, y, byteRows(reduced.data, reduced.width));
  const onReduced = {
    x: (map.x - x.start) / stepX,
    y: (map.y - y.start) / stepY,
    ax: map.ax / stepX,
    ay: map.ay / stepY,
    bx: map.bx / stepX,
    by: map.by / stepY,
  };
  sampleBilinear(reduced, onReduced, width, height, write);
}

/** `warp` into a new image. */
export function warpImage(image: PixelImage, map: Affine, width: number, height: number): PixelImage {
  const data = new Uint8Array(width * height * 3);
  warp(image, map, width, height, byteRows(data, width));
  return { width, height, data };
}

/**
 * Samples `step` apart that cover the parallelogram's extent along one axis plus one sample on each side, limited to
 * the picture and its repeated edge.
 */
function coveringAxis(origin: number, a: number, b: number, step: number, length: number) {
  const low = origin + Math.min(0, a) + Math.min(0, b);
  const high = origin + Math.max(0, a) + Math.max(0, b);
  // A filter two steps outside the edge sees only edge pixels.
  const clamp = (at: number) => Math.min(Math.max(at, -2 * step), length + 2 * step);
  const start = clamp(low - step);
  return { start, step, count: Math.ceil((clamp(high + step) - start) / step) + 1 };
}

function sampleBilinear(
  image: PixelImage,
  map: Affine,
  width: number,
  height: number,
  write: RowWriter,
): void {
  const { data } = image;
  const pitch = image.width * 3;
  const lastX = image.width - 1;
  const lastY = image.height - 1;
  const row = new Int32Array(width * 3);
  const { ax, ay } = map;
  for (let v = 0; v < height; v++) {
    // Positions in coordinates of pixel centres.
    const startX = map.x + ax * 0.5 + map.bx * (v + 0.5) - 0.5;
    const startY = map.y + ay * 0.5 + map.by * (v + 0.5) - 0.5;
    for (let u = 0; u < width; u++) {
      const x = Math.min(Math.max(startX + ax * u, 0), lastX);
      const y = Math.min(Math.max(startY + ay * u, 0), lastY);
      const fixedX = (x * (1 << ACROSS_BITS) + 0.5) | 0;
      const fixedY = (y * (1 << DOWN_BITS) + 0.5) | 0;
      const column = fixedX >> ACROSS_BITS;
      const line = fixedY >> DOWN_BITS;
      const right = fixedX & ((1 << ACROSS_BITS) - 1);
      const lower = fixedY & ((1 << DOWN_BITS) - 1);
      const left = (1 << ACROSS_BITS) - right;
      const upper = (1 << DOWN_BITS) - lower;
      const p00 = line * pitch + column * 3;
      // At the last column or row the neighbour has zero weight; it only must exist.
      const p01 = column < lastX ? p00 + 3 : p00;
      const below = line < lastY ? pitch : 0;
      const p10 = p00 + below;
      const p11 = p01 + below;
      for (let c = 0; c < 3; c++) {
        const top = Math.imul(data[p00 + c]!, left) + Math.imul(data[p01 + c]!, right);
        const bottom = Math.imul(data[p10 + c]!, left) + Math.imul(data[p11 + c]!, right);
        row[u * 3 + c] = Math.imul(top, upper) + Math.imul(bottom, lower);
      }
    }
    write(row, v);
  }
}
