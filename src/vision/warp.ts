/** Affine warps of pictures: the sampler for crops and for training's augmentation. */
import type { Affine } from './crop.js';
import { resample } from './resample.js';
import { byteRows, type RowWriter } from './rows.js';
import { bytesOfWriter, I32, loadKernels, place, vectorWriter } from './sampling.js';
import type { PixelImage } from './types.js';

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
  const kernels = loadKernels();
  const { memory, sampleLine } = kernels;
  const { ax, ay, bx, by } = map;
  const x = spanOf(map.x, ax * width, bx * height, image.width);
  const y = spanOf(map.y, ay * width, by * height, image.height);
  const pitch = x.count * 3;
  const [pixels, line, floats] = place(memory, [
    (y.count + 1) * pitch,
    3 * width * I32,
    bytesOfWriter(write, width, height),
  ]) as [number, number, number];
  const bytes = new Uint8Array(memory.buffer);
  for (let i = 0; i < y.count; i++) {
    const from = ((y.first + i) * image.width + x.first) * 3;
    bytes.set(image.data.subarray(from, from + pitch), pixels + i * pitch);
  }
  const row = { address: line, numbers: new Int32Array(memory.buffer, line, 3 * width) };
  const writer = vectorWriter(kernels, write, row, floats, height);
  const origin = pixels - y.first * pitch - x.first * 3;
  const [lastX, lastY] = [image.width - 1, image.height - 1];
  for (let v = 0; v < height; v++) {
    // Positions in coordinates of pixel centres.
    const startX = map.x + ax * 0.5 + bx * (v + 0.5) - 0.5;
    const startY = map.y + ay * 0.5 + by * (v + 0.5) - 0.5;
    sampleLine(origin, pitch, width, startX, startY, ax, ay, lastX, lastY, line);
    writer.write(row.numbers, v);
  }
  writer.finish();
}

/** The pixels along one axis, and their neighbours, that samples of a parallelogram lie between. */
function spanOf(origin: number, a: number, b: number, length: number) {
  const inside = (at: number) => Math.min(Math.max(Math.floor(at), 0), length - 1);
  const first = inside(origin + Math.min(0, a) + Math.min(0, b) - 1);
  const last = inside(origin + Math.max(0, a) + Math.max(0, b) + 1);
  return { first, count: last - first + 1 };
}
