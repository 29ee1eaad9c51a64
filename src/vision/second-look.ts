/**
 * Verifies doubtful faces: lights out of focus, windows and buttons are sometimes detected as faces, with the same scores as
 * dark, blurred and turned faces. The detector's features tell them apart better than its scores do: the model weights them to
 * one number for each candidate, its evidence (scripts/models/fit-evidence.ts), above 0 for faces.
 *
 * `bench/false-faces.ts` measures its error rates on drawings and on faces.
 */
import { flipImage } from './flip.js';
import { overlap, SAME_FACE_IOU } from './merge.js';
import type { Box, DetectedFace, PixelImage } from './types.js';
import { warpImage } from './warp.js';

/**
 * A face with this score needs no second look. With clear evidence where it was found, or in company of a face that is kept, a
 * lower score suffices.
 */
const CERTAIN = { alone: 0.9, clear: 0.82, inCompany: 0.65 } as const;

/**
 * The mean evidence of a face in its views is above this, by its size: the square root of its box's area, in pixels. A small one
 * needs more: enlarged, many a small thing looks like a blurred face.
 */
const ENOUGH_ALONE = [
  { below: 20, evidence: 2.6 },
  { below: 40, evidence: 2.4 },
  { below: Number.POSITIVE_INFINITY, evidence: 1.3 },
] as const;
/**
 * Beside a face others are likely, so that less is enough: those of a group are small and partly covered, and things that look
 * like faces come without any.
 */
const ENOUGH_IN_COMPANY = 0;
/** Company makes no face of a candidate with a lower score. */
const LEAST_IN_COMPANY = 0.47;
/** Evidence so far above or below it is clear; if that of the first view is, plain and mirrored, the others are skipped. */
const CLEAR = 3;

/** The minimum score for a face to count as seen again. */
const LEAST = 0.01;

/** The views: the face's size (the square root of its box's area) and the side of the square around it, in pixels. */
const VIEWS = [
  { face: 56, side: 128 },
  { face: 40, side: 96 },
  { face: 80, side: 160 },
] as const;

/** A face that the detector sees. */
export interface Candidate extends DetectedFace {
  readonly evidence: number;
}

/** Runs the detector on a picture at its own size; candidates are in its pixels. */
export type Look = (image: PixelImage, minScore: number) => Promise<readonly Candidate[]>;

/** Whether a candidate has company in the faces that are kept. */
export const isInCompany = ({ score }: DetectedFace, kept: readonly DetectedFace[]): boolean =>
  kept.length > 0 && score >= LEAST_IN_COMPANY;

/** Whether a face is certain without a second look. */
export function isCertain(face: Candidate, inCompany: boolean): boolean {
  if (inCompany) return face.score >= CERTAIN.inCompany;
  const clear = face.evidence > evidenceNeeded(face, inCompany) + CLEAR;
  return face.score >= CERTAIN.alone || (face.score >= CERTAIN.clear && clear);
}

/** The evidence above which a candidate is a face. */
export function evidenceNeeded({ box }: DetectedFace, inCompany: boolean): number {
  if (inCompany) return ENOUGH_IN_COMPANY;
  return ENOUGH_ALONE.find(({ below }) => sizeOf(box) < below)!.evidence;
}

/** Whether the evidence in the views of a face is enough. */
export async function isFace(views: AsyncIterable<number>, enough: number): Promise<boolean> {
  const found: number[] = [];
  for await (const evidence of views) {
    found.push(evidence);
    if (found.length === 2 && Math.abs(mean(found) - enough) > CLEAR) break;
  }
  return mean(found) > enough;
}

/** The evidence for a face in three sizes, each plain and mirrored; 0 where it is not seen. */
export async function* views(look: Look, image: PixelImage, { box }: DetectedFace): AsyncGenerator<number> {
  for (const { face, side } of VIEWS) {
    const scale = sizeOf(box) / face;
    const [x, y] = [box.x + box.width / 2 - (side / 2) * scale, box.y + box.height / 2 - (side / 2) * scale];
    const view = warpImage(image, { x, y, ax: scale, ay: 0, bx: 0, by: scale }, side, side);
    const [width, height] = [box.width / scale, box.height / scale];
    const expected = { x: (side - width) / 2, y: (side - height) / 2, width, height };
    for (const shown of [view, flipImage(view)]) {
      let best: Candidate | undefined;
      for (const candidate of await look(shown, LEAST)) {
        const same = overlap(candidate.box, expected).iou > SAME_FACE_IOU;
        if (same && candidate.score > (best?.score ?? 0)) best = candidate;
      }
      yield best?.evidence ?? 0;
    }
  }
}

const sizeOf = ({ width, height }: Box) => Math.sqrt(width * height);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
