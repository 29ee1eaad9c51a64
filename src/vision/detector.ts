/**
 * The face detector: MediaPipe's full-range network (Bazarevsky et al., BlazeFace, 2019; model card "Face
 * Detection, Full Range", Apache-2.0), run fully convolutionally on a pyramid of the picture. One anchor a
 * cell, every four pixels.
 */
import { floatData, floatTensor, Session, type SessionOptions } from '../runtime/index.js';
import { mergeCandidates } from './merge.js';
import { type Level, pyramid, pyramidBetween } from './pyramid.js';
import { resizeImage, resizeRows } from './resize.js';
import { tensorRows } from './rows.js';
import type { Box, DetectedFace, PixelImage, Point } from './types.js';

const STRIDE = 4;
/** Numbers of a cell's regression: a box and six points, of which the ears are not used. */
const CHANNELS = { center: 0, size: 2, rightEye: 4, leftEye: 6, nose: 8, mouth: 10 } as const;

/** The least score of a face. */
const MIN_SCORE = 0.5;

/** From the network's box, chin to brow and wide, to the usual one that hugs the face: shift and scale. */
const BOX_STYLE = { x: 0.02, y: -0.05, width: 0.9, height: 1.18 } as const;

const FORMAT = {
  color: 'RGB',
  layout: 'NCHW',
  mean: [127.5, 127.5, 127.5],
  scale: [1 / 127.5, 1 / 127.5, 1 / 127.5],
} as const;

export class FaceDetector {
  private constructor(private readonly session: Session) {}

  /** @param model the bytes of the detector's `.onnx` file */
  static async load(model: Uint8Array, options: SessionOptions = {}): Promise<FaceDetector> {
    return new FaceDetector(await Session.create(model, 'face-detector', options));
  }

  /**
   * The upright faces of a picture, by descending score. Boxes are in pixels of the picture.
   *
   * Where there is none at the pyramid's sizes, it is looked at at those in between: a face that lies near the
   * network's limits is found by one of the two.
   */
  async detect(image: PixelImage): Promise<DetectedFace[]> {
    const faces = await this.lookAt(image, pyramid(image.width, image.height));
    return faces.length > 0 ? faces : this.lookAt(image, pyramidBetween(image.width, image.height));
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }

  private async lookAt(image: PixelImage, levels: readonly Level[]): Promise<DetectedFace[]> {
    const candidates: DetectedFace[] = [];
    let copy = image;
    for (const level of levels) {
      // Each copy is made from the one before it: reading the whole picture for each would cost more.
      copy = resizeImage(copy, level.width, level.height);
      candidates.push(...(await this.candidates(copy, level, image)));
    }
    return mergeCandidates(candidates);
  }

  /** The candidates on one level, in pixels of the whole picture. */
  private async candidates(copy: PixelImage, level: Level, image: PixelImage): Promise<DetectedFace[]> {
    const { canvasWidth, canvasHeight } = level;
    const input = new Float32Array(3 * canvasWidth * canvasHeight);
    resizeRows(copy, copy.width, copy.height, tensorRows(input, 0, canvasWidth, canvasHeight, FORMAT));
    const tensor = floatTensor(input, [1, 3, canvasHeight, canvasWidth]);
    const { cls, reg } = await this.session.run({ image: tensor });
    const cells = { columns: canvasWidth / STRIDE, rows: canvasHeight / STRIDE };
    return decode(
      floatData(cls!),
      floatData(reg!),
      cells,
      image.width / level.width,
      image.height / level.height,
    );
  }
}

/**
 * @param logits `[rows, columns]`
 * @param regression `[16, rows, columns]`, in pixels of the level, relative to the cell's anchor
 * @param scaleX, scaleY pixels of the picture for one of the level
 */
function decode(
  logits: Float32Array,
  regression: Float32Array,
  { columns, rows }: { columns: number; rows: number },
  scaleX: number,
  scaleY: number,
): DetectedFace[] {
  const found: DetectedFace[] = [];
  const plane = columns * rows;
  const least = Math.log(MIN_SCORE / (1 - MIN_SCORE));
  for (let cell = 0; cell < plane; cell++) {
    const logit = logits[cell]!;
    if (logit < least) continue;
    const anchorX = ((cell % columns) + 0.5) * STRIDE;
    const anchorY = (Math.floor(cell / columns) + 0.5) * STRIDE;
    const value = (channel: number) => regression[channel * plane + cell]!;
    const point = (channel: number): Point => ({
      x: (anchorX + value(channel)) * scaleX,
      y: (anchorY + value(channel + 1)) * scaleY,
    });
    const box = usualBox(
      point(CHANNELS.center),
      value(CHANNELS.size) * scaleX,
      value(CHANNELS.size + 1) * scaleY,
    );
    if (!(box.width > 0 && box.height > 0)) continue;
    found.push({
      box,
      score: 1 / (1 + Math.exp(-logit)),
      landmarks: {
        rightEye: point(CHANNELS.rightEye),
        leftEye: point(CHANNELS.leftEye),
        nose: point(CHANNELS.nose),
        mouth: point(CHANNELS.mouth),
      },
    });
  }
  return found;
}

function usualBox(center: Point, width: number, height: number): Box {
  const w = width * BOX_STYLE.width;
  const h = height * BOX_STYLE.height;
  return {
    x: center.x + BOX_STYLE.x * width - w / 2,
    y: center.y + BOX_STYLE.y * height - h / 2,
    width: w,
    height: h,
  };
}
