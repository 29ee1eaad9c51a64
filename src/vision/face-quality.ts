/** How well a face is visible: its size, sharpness and rotation to the side. */
import type { InputSpec } from '../metadata/index.js';
import { cropImage } from './preprocess.js';
import type { DetectedFace, PixelImage } from './types.js';

export interface FaceQuality {
  /** The shorter side of the face's box, in pixels. */
  readonly size: number;
  /**
   * The variance of the Laplacian of the face's brightness at a width of 64 pixels (Pech-Pacheco et al., ICPR 2000,
   * "Diatom autofocusing"), divided by the variance of the brightness, so that it does not depend on contrast or size;
   * near 0 if nothing is sharp.
   */
  readonly sharpness: number;
  /**
   * How far the nose lies from the midpoint of the eyes, along the line through them, in interocular distances: 0 for a
   * frontal face, about 0.6 tan θ at a yaw of θ.
   */
  readonly turn: number;
}

/** The width in pixels at which sharpness is measured. */
const SIDE = 64;

/** The face in its box, without margin. */
const FACE: InputSpec = {
  width: SIDE,
  height: SIDE,
  margin: 0,
  crop: 'square',
  alignment: 'none',
  color: 'RGB',
  layout: 'NHWC',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
};

export function faceQuality(image: PixelImage, { box, landmarks }: Omit<DetectedFace, 'score'>): FaceQuality {
  const { rightEye, leftEye, nose } = landmarks;
  const [dx, dy] = [leftEye.x - rightEye.x, leftEye.y - rightEye.y];
  const [nx, ny] = [nose.x - (leftEye.x + rightEye.x) / 2, nose.y - (leftEye.y + rightEye.y) / 2];
  return {
    size: Math.min(box.width, box.height),
    sharpness: sharpness(cropImage(image, { box }, FACE)),
    turn: Math.abs(nx * dx + ny * dy) / (dx ** 2 + dy ** 2),
  };
}

function sharpness({ width, height, data }: PixelImage): number {
  // Rec. 601.
  const luma = Float64Array.from(
    { length: width * height },
    (_, i) => 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!,
  );
  const edges: number[] = [];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      edges.push(luma[i - 1]! + luma[i + 1]! + luma[i - width]! + luma[i + width]! - 4 * luma[i]!);
    }
  }
  const contrast = variance(luma);
  return contrast === 0 ? 0 : variance(edges) / contrast;
}

function variance(values: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    squares += values[i]! ** 2;
  }
  return Math.max(0, squares / values.length - (sum / values.length) ** 2);
}
