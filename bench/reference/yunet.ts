/**
 * YuNet, the reference for our face detector (Wu et al., "YuNet: a tiny millisecond-level face
 * detector", 2023; the network of OpenCV's FaceDetectorYN). Its file stays outside the repository.
 */
import * as ort from 'onnxruntime-node';
import type { DetectedFace, PixelImage, Point } from '../../src/vision/index.js';
import { intersectionOverUnion } from '../lib/matching.js';
import { requireShared } from '../lib/paths.js';

const STRIDES = [8, 16, 32] as const;
/** The sides of the input must be multiples of the largest stride. */
const SIDE_MULTIPLE = 32;
const MIN_SCORE = 0.6;
const MAX_OVERLAP = 0.3;

/** YuNet's input: BGR planes of 0..255, `[1, 3, H, W]`, H and W multiples of 32. */
interface YuNetInput {
  readonly tensor: ort.Tensor;
  readonly width: number;
  readonly height: number;
}

export class YuNet {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly inputName: string,
  ) {}

  /** Throws AbsentError if the network's file is not on this machine. */
  static async load({ threads }: { threads: number }): Promise<YuNet> {
    const file = requireShared('reference', 'yunet', 'yunet_n_dynamic.onnx');
    const session = await ort.InferenceSession.create(file, {
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
    });
    return new YuNet(session, session.inputNames[0]!);
  }

  /** Faces with score ≥ 0.6 at the picture's full resolution, best first. */
  async detect(image: PixelImage): Promise<DetectedFace[]> {
    const input = prepare(image);
    const outputs = await this.session.run({ [this.inputName]: input.tensor });
    return decode(outputs, input);
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

/** Pads with black on the right and below, to multiples of 32. */
function prepare(image: PixelImage): YuNetInput {
  const width = Math.ceil(image.width / SIDE_MULTIPLE) * SIDE_MULTIPLE;
  const height = Math.ceil(image.height / SIDE_MULTIPLE) * SIDE_MULTIPLE;
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let y = 0, from = 0; y < image.height; y++) {
    for (let to = y * width, end = to + image.width; to < end; to++, from += 3) {
      data[to] = image.data[from + 2]!;
      data[plane + to] = image.data[from + 1]!;
      data[2 * plane + to] = image.data[from]!;
    }
  }
  return { tensor: new ort.Tensor('float32', data, [1, 3, height, width]), width, height };
}

/**
 * The decoding of OpenCV's FaceDetectorYN: score = sqrt(cls · obj), centre = (col + dx, row + dy) · stride,
 * size = exp(dw, dh) · stride, point = (col + px, row + py) · stride; then non-maximum suppression.
 */
function decode(outputs: ort.InferenceSession.ReturnType, input: YuNetInput): DetectedFace[] {
  const values = (name: string) => outputs[name]!.data as Float32Array;
  const candidates: DetectedFace[] = [];
  for (const stride of STRIDES) {
    const cls = values(`cls_${stride}`);
    const obj = values(`obj_${stride}`);
    const bbox = values(`bbox_${stride}`);
    const kps = values(`kps_${stride}`);
    const columns = input.width / stride;
    const cells = columns * (input.height / stride);
    for (let cell = 0; cell < cells; cell++) {
      const score = Math.sqrt(clampUnit(cls[cell]!) * clampUnit(obj[cell]!));
      if (score < MIN_SCORE) continue;
      const column = cell % columns;
      const row = (cell - column) / columns;
      const width = Math.exp(bbox[4 * cell + 2]!) * stride;
      const height = Math.exp(bbox[4 * cell + 3]!) * stride;
      const point = (index: number): Point => ({
        x: (column + kps[10 * cell + 2 * index]!) * stride,
        y: (row + kps[10 * cell + 2 * index + 1]!) * stride,
      });
      candidates.push({
        box: {
          x: (column + bbox[4 * cell]!) * stride - width / 2,
          y: (row + bbox[4 * cell + 1]!) * stride - height / 2,
          width,
          height,
        },
        score,
        // YuNet gives the two corners of the mouth; Landmarks holds its middle.
        landmarks: {
          rightEye: point(0),
          leftEye: point(1),
          nose: point(2),
          mouth: middle(point(3), point(4)),
        },
      });
    }
  }
  return suppress(candidates);
}

/** Greedy non-maximum suppression: of boxes that overlap too much, the best one stays. */
function suppress(candidates: readonly DetectedFace[]): DetectedFace[] {
  const kept: DetectedFace[] = [];
  for (const face of [...candidates].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => intersectionOverUnion(face.box, other.box) <= MAX_OVERLAP)) kept.push(face);
  }
  return kept;
}

function clampUnit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
