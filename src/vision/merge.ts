/** Merges overlapping candidates into one detection per face. */
import type { Box, DetectedFace, Landmarks, Point } from './types.js';

/** Candidates with a larger IoU with a better one are the same face. */
export const SAME_FACE_IOU = 0.3;

/** A face with more than this share of its area inside a larger one is part of it, ... */
const INSIDE_SHARE = 0.7;
/** ... unless it scores this much higher. */
const INSIDE_ADVANTAGE = 0.2;

/**
 * Score-weighted non-maximum suppression (Bazarevsky et al., BlazeFace, 2019, section 3.3): a face is the mean of its
 * candidates, which is more stable than the best one. Then faces inside larger ones are dropped: on close-ups an eye or
 * a mouth may be detected as a small face.
 *
 * @returns the faces by descending score: the best candidate of each, with the mean box and landmarks
 */
export function mergeCandidates<T extends DetectedFace>(candidates: readonly T[]): T[] {
  const faces = suppress(candidates);
  return faces.filter((face) => !faces.some((other) => swallows(other, face)));
}

function suppress<T extends DetectedFace>(candidates: readonly T[]): T[] {
  let remaining = [...candidates].sort((a, b) => b.score - a.score);
  const faces: T[] = [];
  while (remaining.length > 0) {
    const best = remaining[0]!;
    const same: T[] = [];
    const others: T[] = [];
    for (const c of remaining) (overlap(best.box, c.box).iou > SAME_FACE_IOU ? same : others).push(c);
    // A box without area overlaps nothing, not even itself.
    faces.push(same.length > 0 ? average(same, best) : best);
    remaining = same.length > 0 ? others : others.slice(1);
  }
  return faces;
}

function swallows(larger: DetectedFace, face: DetectedFace): boolean {
  if (area(larger.box) <= area(face.box)) return false;
  const inside = overlap(larger.box, face.box).intersection / area(face.box);
  return inside > INSIDE_SHARE && face.score < larger.score + INSIDE_ADVANTAGE;
}

function average<T extends DetectedFace>(faces: readonly T[], best: T): T {
  const total = faces.reduce((sum, f) => sum + f.score, 0);
  const mean = (of: (f: DetectedFace) => number) =>
    faces.reduce((sum, f) => sum + f.score * of(f), 0) / total;
  const point = (name: keyof Landmarks): Point => ({
    x: mean((f) => f.landmarks[name].x),
    y: mean((f) => f.landmarks[name].y),
  });
  return {
    ...best,
    box: {
      x: mean((f) => f.box.x),
      y: mean((f) => f.box.y),
      width: mean((f) => f.box.width),
      height: mean((f) => f.box.height),
    },
    landmarks: {
      rightEye: point('rightEye'),
      leftEye: point('leftEye'),
      nose: point('nose'),
      mouth: point('mouth'),
    },
  };
}

const area = (box: Box): number => box.width * box.height;

/** Two boxes' intersection area, and their intersection over union. */
export function overlap(a: Box, b: Box): { intersection: number; iou: number } {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const intersection = Math.max(0, width) * Math.max(0, height);
  const union = area(a) + area(b) - intersection;
  return { intersection, iou: union > 0 ? intersection / union : 0 };
}
