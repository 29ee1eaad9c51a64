/** How well a face is visible: its size, sharpness and rotation to the side. */
import type { InputSpec } from '../metadata/index.js';
import { cropImage } from './preprocess.js';
import type { DetectedFace, Landmarks, PixelImage } from './types.js';

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

/** The number of cells per side of an appearance. */
const CELLS = 8;

/** The quality of a face's view and a coarse descriptor of its appearance. */
export interface FaceView {
  readonly quality: FaceQuality;
  /**
   * The face in 8 × 8 cells of RGB, with mean 0 and length 1, so that brightness and contrast do not change it. The dot
   * product of two is their correlation: above 0.9 for one face in two frames, mostly below 0.8 for two faces.
   */
  readonly appearance: Float32Array;
}

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

export const faceQuality = (image: PixelImage, face: Omit<DetectedFace, 'score'>): FaceQuality =>
  viewFace(image, face).quality;

export function viewFace(image: PixelImage, { box, landmarks }: Omit<DetectedFace, 'score'>): FaceView {
  const face = cropImage(image, { box }, FACE);
  const quality = {
    size: Math.min(box.width, box.height),
    sharpness: sharpness(face),
    turn: turnOf(landmarks),
  };
  return { quality, appearance: appearance(face) };
}

function turnOf({ rightEye, leftEye, nose }: Landmarks): number {
  const [dx, dy] = [leftEye.x - rightEye.x, leftEye.y - rightEye.y];
  const [nx, ny] = [nose.x - (leftEye.x + rightEye.x) / 2, nose.y - (leftEye.y + rightEye.y) / 2];
  return Math.abs(nx * dx + ny * dy) / (dx ** 2 + dy ** 2);
}

function appearance({ width, height, data }: PixelImage): Float32Array {
  const look = new Float32Array(CELLS * CELLS * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * CELLS) / height) * CELLS + Math.floor((x * CELLS) / width);
      for (let c = 0; c < 3; c++) look[3 * cell + c]! += data[3 * (y * width + x) + c]!;
    }
  }
  const mean = look.reduce((sum, v) => sum + v, 0) / look.length;
  const length = Math.sqrt(look.reduce((sum, v) => sum + (v - mean) ** 2, 0));
  return length === 0 ? look.fill(0) : look.map((v) => (v - mean) / length);
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
