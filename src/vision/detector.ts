/**
 * The face detector: MediaPipe's full-range network (Bazarevsky et al., BlazeFace, 2019; model card "Face
 * Detection, Full Range", Apache-2.0), run fully convolutionally on a pyramid of the picture. One anchor a
 * cell, every four pixels.
 */
import {
  byteTensor,
  floatData,
  Session,
  type SessionOptions,
  sizeTensor,
  type Tensor,
} from '../runtime/index.js';
import { mergeCandidates } from './merge.js';
import { type Level, pyramid, pyramidBetween } from './pyramid.js';
import type { Box, DetectedFace, PixelImage, Point } from './types.js';

const STRIDE = 4;
/** Numbers of a cell's regression: a box and six points, of which the ears are not used. */
const CHANNELS = { center: 0, size: 2, rightEye: 4, leftEye: 6, nose: 8, mouth: 10 } as const;

/** The least score of a face. On photographs of other things the network's scores stay below 0.3. */
const MIN_SCORE = 0.45;

/** From the network's box, chin to brow and wide, to the usual one that hugs the face: shift and scale. */
const BOX_STYLE = { x: 0.02, y: -0.05, width: 0.9, height: 1.18 } as const;

export class FaceDetector {
  private constructor(private readonly session: Session) {}

  /** @param model the bytes of the detector's `.onnx` file */
  static async load(model: Uint8Array, options: SessionOptions = {}): Promise<FaceDetector> {
    return new FaceDetector(await Session.create(model, 'face-detector', options));
  }

  /**
   * The upright faces of a picture, by descending score. Boxes are in pixels of the picture.
   *
   * @param options.between whether a picture without a face at the pyramid's sizes is also looked at at those in
   * between, where a face near the network's limits may be found. Default true.
   */
  async detect(image: PixelImage, options: { readonly between?: boolean } = {}): Promise<DetectedFace[]> {
    const { between = true } = options;
    const faces = await this.lookAt(image, pyramid(image.width, image.height));
    if (faces.length > 0 || !between) return faces;
    return this.lookAt(image, pyramidBetween(image.width, image.height));
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }

  private async lookAt(image: PixelImage, levels: readonly Level[]): Promise<DetectedFace[]> {
    const candidates: DetectedFace[] = [];
    let source = pixels(image);
    for (const { width, height } of levels) {
      const size = sizeTensor([height, width]);
      const { cls, reg, copy } = await this.session.run({ image: source, size });
      candidates.push(...decode(cls!, reg!, image.width / width, image.height / height));
      // The next copy is made from this one: reading the whole picture for each would cost more.
      source = copy!;
    }
    return mergeCandidates(candidates);
  }
}

/** The picture as a tensor `[1, height, width, 3]`. */
function pixels({ data, width, height }: PixelImage): Tensor {
  return byteTensor(data, [1, height, width, 3]);
}

/**
 * @param cls logits `[1, 1, rows, columns]`
 * @param reg `[1, 16, rows, columns]`, in pixels of the copy, relative to the cell's anchor
 * @param scaleX, scaleY pixels of the picture for one of the copy
 */
function decode(cls: Tensor, reg: Tensor, scaleX: number, scaleY: number): DetectedFace[] {
  const columns = cls.dims[3]!;
  const logits = floatData(cls);
  const regression = floatData(reg);
  const found: DetectedFace[] = [];
  const least = Math.log(MIN_SCORE / (1 - MIN_SCORE));
  for (let cell = 0; cell < logits.length; cell++) {
    const logit = logits[cell]!;
    if (logit < least) continue;
    const anchorX = ((cell % columns) + 0.5) * STRIDE;
    const anchorY = (Math.floor(cell / columns) + 0.5) * STRIDE;
    const value = (channel: number) => regression[channel * logits.length + cell]!;
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
