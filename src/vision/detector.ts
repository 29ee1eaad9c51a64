/**
 * The face detector: MediaPipe's full-range network (Bazarevsky et al., BlazeFace, 2019; model card "Face Detection,
 * Full Range", Apache-2.0), run fully convolutionally on an image pyramid, with one anchor per cell, every four pixels.
 */
import {
  byteTensor,
  floatData,
  floatTensor,
  type Session,
  type Tensor,
  type Tensors,
} from '../runtime/index.js';
import { mergeCandidates } from './merge.js';
import { closerPyramid, type Level, pyramid, pyramidBetween } from './pyramid.js';
import { resizeImage } from './resize.js';
import {
  type Candidate,
  evidenceNeeded,
  isCertain,
  isFace,
  isInCompany,
  type Look,
  views,
} from './second-look.js';
import type { Box, DetectedFace, PixelImage, Point } from './types.js';

const STRIDE = 4;
/** Pyramid levels are padded to sides that are multiples of this. */
const CANVAS_MULTIPLE = 32;
/** The channels of a cell's regression: a box and six points (the ears are not used). */
const CHANNELS = { center: 0, size: 2, rightEye: 4, leftEye: 6, nose: 8, mouth: 10 } as const;

/** The default minimum score. On most photographs without faces, scores stay below 0.3. */
const MIN_SCORE = 0.45;
/** The lowest minimum that can be requested: below it, most cells of a picture are candidates. */
const LOWEST_SCORE = 0.05;

/** A picture with a face above this share of its size is a portrait, which needs no finer levels. */
const DOMINATING = 1 / 3;

/** Shift and scale from the network's wide box, chin to brow, to the usual tight one. */
const BOX_STYLE = { x: 0.02, y: -0.05, width: 0.9, height: 1.18 } as const;

export interface DetectOptions {
  readonly between?: boolean;
  readonly minScore?: number;
  readonly smallest?: number;
}

/**
 * Finds upright faces; `findFaces` also tries rotated pictures.
 *
 * @example
 * const path = await shippedModelPath('face-detector');
 * const detector = new FaceDetector(await createSession(await readFile(path), 'face-detector'));
 * const [face] = await detector.detect(await decodeImage('photo.jpg'));
 * face.box;   // { x: 1489.3, y: 227.7, width: 148.4, height: 194.4 }
 * face.score; // 0.948
 */
export class FaceDetector {
  /** @param session the detector's network, `models/face-detector.onnx` */
  constructor(private readonly session: Session) {}

  /**
   * The upright faces of a picture, by descending score. Boxes are in pixels of the picture.
   *
   * @param options.between whether to try intermediate sizes if no face is found at the pyramid's, since a face near the network's limits may be found there. Default true.
   * @param options.minScore the minimum score, down to 0.05; values above the default have no effect, so that boxes do not depend on them. Values below it also skip the second look, which rejects likely false faces. Default 0.45.
   * @param options.smallest the size in pixels of the smallest face that matters; pyramid levels that only smaller faces need are skipped.
   * Default 0.
   */
  async detect(image: PixelImage, options: DetectOptions = {}): Promise<DetectedFace[]> {
    const { between = true, minScore = MIN_SCORE, smallest = 0 } = options;
    const { width, height } = image;
    const least = Math.max(LOWEST_SCORE, Math.min(MIN_SCORE, minScore));
    const candidates = await this.lookAt(image, pyramid(width, height, smallest), least);
    if (smallest === 0 && !candidates.some((face) => dominates(face, image))) {
      candidates.push(...(await this.lookAt(image, closerPyramid(width, height), least)));
    }
    if (candidates.length === 0 && between) {
      candidates.push(...(await this.lookAt(image, pyramidBetween(width, height), least)));
    }
    const merged = mergeCandidates(candidates);
    const faces = least < MIN_SCORE ? merged : await this.confirmed(image, merged);
    return faces.map(({ box, score, landmarks }) => ({ box, score, landmarks }));
  }

  /**
   * The faces that are certain or pass a second look.
   * @param faces by descending score
   */
  private async confirmed(image: PixelImage, faces: readonly Candidate[]): Promise<Candidate[]> {
    const kept: Candidate[] = [];
    for (const face of faces) {
      const inCompany = isInCompany(face, kept);
      const enough = evidenceNeeded(face, inCompany);
      if (isCertain(face, inCompany) || (await isFace(views(this.look, image, face), enough))) {
        kept.push(face);
      }
    }
    return kept;
  }

  /** The evidence for a face in each view of the second look, 0 where it is not seen. */
  async evidence(image: PixelImage, face: DetectedFace): Promise<number[]> {
    const found: number[] = [];
    for await (const evidence of views(this.look, image, face)) found.push(evidence);
    return found;
  }

  private readonly look: Look = (view, minScore) => this.lookAt(view, [view], minScore);

  async dispose(): Promise<void> {
    await this.session.dispose();
  }

  /** The candidates at the given sizes, in pixels of the picture. */
  private async lookAt(image: PixelImage, levels: readonly Level[], minScore: number): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    const least = floatTensor(Float32Array.of(Math.log(minScore / (1 - minScore))), []);
    let copy = image;
    for (const { width, height } of levels) {
      // Each level is made from the one before: reading the whole picture for each would cost more.
      if (width !== copy.width || height !== copy.height) copy = resizeImage(copy, width, height);
      const inputs = { image: pixels(copy), least };
      const outputs = await this.session.run(inputs, ['cells', 'logits', 'points', 'evidence']);
      candidates.push(...decode(outputs, { width, height }, image));
    }
    return candidates;
  }
}

function dominates({ box }: DetectedFace, image: Level): boolean {
  return Math.max(box.width, box.height) > DOMINATING * Math.max(image.width, image.height);
}

/** The picture as a tensor `[1, height, width, 3]`. */
function pixels({ data, width, height }: PixelImage): Tensor {
  return byteTensor(data, [1, height, width, 3]);
}

/** The candidates among a level's cells, in pixels of the picture; see scripts/models/detector.ts for the outputs. */
function decode(outputs: Tensors, copy: Level, image: Level): Candidate[] {
  const cells = outputs.cells!.data as BigInt64Array;
  const logits = floatData(outputs.logits!);
  const points = floatData(outputs.points!);
  const columns = Math.ceil(copy.width / CANVAS_MULTIPLE) * (CANVAS_MULTIPLE / STRIDE);
  const scaleX = image.width / copy.width;
  const scaleY = image.height / copy.height;
  const evidence = floatData(outputs.evidence!);
  const found: Candidate[] = [];
  for (const [i, logit] of logits.entries()) {
    const cell = Number(cells[i]);
    const anchorX = ((cell % columns) + 0.5) * STRIDE;
    const anchorY = (Math.floor(cell / columns) + 0.5) * STRIDE;
    const value = (channel: number) => points[channel * logits.length + i]!;
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
      evidence: evidence[i]!,
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
