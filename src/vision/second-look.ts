/**
 * Verifies doubtful faces: out-of-focus lights, leaves and windows are sometimes detected as faces, with the same
 * scores as dark, blurred and turned faces. On a real face the detector's results agree across sizes and mirroring; on
 * other things they vary.
 *
 * `bench/false-faces.ts` measures its error rates on drawings and on faces.
 */
import { flipImage } from './flip.js';
import { overlap, SAME_FACE_IOU } from './merge.js';
import type { DetectedFace, Landmarks, PixelImage, Point } from './types.js';
import { warpImage } from './warp.js';

/** A face with this score needs no second look: no drawing without faces scored above 0.73. */
const CERTAIN = 0.78;
/**
 * Neither does one with this score beside a certain face, or whose candidates' points agree to within this share of its
 * size.
 */
const AGREED = { score: 0.65, spread: 0.03 } as const;

/** The minimum score for a face to count as seen again. */
const LEAST = 0.01;

/** The views: the face's size (the square root of its box's area) and the side of the square around it, in pixels. */
const VIEWS = [
  { face: 40, side: 96 },
  { face: 56, side: 128 },
  { face: 80, side: 160 },
] as const;
/** Each view is seen plain and mirrored. */
const LOOKS = 2 * VIEWS.length;

/** A score in the first view at which the others are skipped: no drawing scored above 0.65 there. */
const CLEAR = 0.7;

/**
 * Weights of the evidence for a face: the best and the mean score of all views, and the logarithm of the spread of its
 * points; a face has to reach `ENOUGH`. A logistic regression on 473 candidates in 500 drawings of lights and 159 doubtful
 * faces of UTKFace, All-Age-Faces and FairFace: a face scores high in the view of its size, lights score alike in all. The
 * candidate's own score adds nothing.
 */
const EVIDENCE = { best: 18, mean: -12.3, logSpread: -4.8 } as const;
const ENOUGH = 17.5;
/** Added to the spread, so that the smallest values count the same. */
const SPREAD_OFFSET = 0.02;
/** The spread if nothing agrees, also used for a face seen again once or never. */
const MOST_SPREAD = 0.4;

/** Runs the detector on a picture at its own size; candidates are in its pixels. */
export type Look = (image: PixelImage, minScore: number) => Promise<readonly DetectedFace[]>;

/** Right eye, left eye, nose and mouth, in units of the face's size. */
type Points = readonly Point[];

/** A face seen in a view: its score, and its points relative to the view's centre. */
interface Sighting {
  readonly score: number;
  readonly points: Points;
}

/**
 * Whether a face is certain without a second look: by its score, by a certain face in the same picture, or because
 * pyramid levels agree.
 * @param faces all of the picture
 * @param candidates the candidates that they were merged from
 */
export function isCertain(
  { box, score }: DetectedFace,
  faces: readonly DetectedFace[],
  candidates: readonly DetectedFace[],
): boolean {
  if (score >= CERTAIN) return true;
  if (score < AGREED.score) return false;
  if (faces.some((other) => other.score >= CERTAIN)) return true;
  const size = Math.sqrt(box.width * box.height);
  const same = candidates.filter((candidate) => overlap(candidate.box, box).iou > SAME_FACE_IOU);
  return spread(same.map(({ landmarks }) => pointsOf(landmarks, box, size))) < AGREED.spread;
}

/**
 * Whether a candidate is a face: it is detected in three sizes, plain and mirrored, and judged by its best score, how far
 * that is above the mean, and the agreement of its points.
 */
export async function isFace(look: Look, image: PixelImage, face: DetectedFace): Promise<boolean> {
  const sightings: Sighting[] = [];
  for (const view of VIEWS) {
    const shown = show(image, face, view);
    for (const mirrored of [false, true]) {
      const sighting = await see(look, shown, mirrored);
      if (sighting === undefined) continue;
      if (view === VIEWS[0] && !mirrored && sighting.score >= CLEAR) return true;
      sightings.push(sighting);
    }
  }
  const scores = sightings.map(({ score }) => score);
  const best = Math.max(0, ...scores);
  const mean = scores.reduce((sum, score) => sum + score, 0) / LOOKS;
  const evidence =
    EVIDENCE.best * best +
    EVIDENCE.mean * mean +
    EVIDENCE.logSpread * Math.log(spread(sightings.map(({ points }) => points)) + SPREAD_OFFSET);
  return evidence >= ENOUGH;
}

/** A view: part of the picture with the face at its centre. */
interface Shown {
  readonly image: PixelImage;
  /** The square root of the face's area. */
  readonly size: number;
  readonly width: number;
  readonly height: number;
}

function show(image: PixelImage, { box }: DetectedFace, { face, side }: (typeof VIEWS)[number]): Shown {
  const scale = Math.sqrt(box.width * box.height) / face;
  const map = {
    x: box.x + box.width / 2 - (side / 2) * scale,
    y: box.y + box.height / 2 - (side / 2) * scale,
    ...{ ax: scale, ay: 0, bx: 0, by: scale },
  };
  const view = warpImage(image, map, side, side);
  return { image: view, size: face, width: box.width / scale, height: box.height / scale };
}

/** Detects the face in a view; its points are mapped back from mirrored views. */
async function see(
  look: Look,
  { image, size, width, height }: Shown,
  mirrored: boolean,
): Promise<Sighting | undefined> {
  const middle = image.width / 2;
  const expected = { x: middle - width / 2, y: middle - height / 2, width, height };
  let best: DetectedFace | undefined;
  for (const face of await look(mirrored ? flipImage(image) : image, LEAST)) {
    const same = overlap(face.box, expected).iou > SAME_FACE_IOU;
    if (same && face.score > (best?.score ?? 0)) best = face;
  }
  if (best === undefined) return undefined;
  const points = pointsOf(best.landmarks, { x: middle, y: middle }, size);
  return { score: best.score, points: mirrored ? mirroredBack(points) : points };
}

const pointsOf = ({ rightEye, leftEye, nose, mouth }: Landmarks, from: Point, size: number): Points =>
  [rightEye, leftEye, nose, mouth].map(({ x, y }) => ({ x: (x - from.x) / size, y: (y - from.y) / size }));

/** In a mirror image, the right eye appears as a left one. */
function mirroredBack(points: Points): Points {
  const [right, left, ...others] = points.map(({ x, y }) => ({ x: -x, y }));
  return [left!, right!, ...others];
}

/** The root mean square distance of points from their means, over all points and sightings. */
function spread(sightings: readonly Points[]): number {
  const count = sightings.length;
  if (count < 2) return MOST_SPREAD;
  let sum = 0;
  const points = sightings[0]!.length;
  for (let p = 0; p < points; p++) {
    for (const axis of ['x', 'y'] as const) {
      const values = sightings.map((sighting) => sighting[p]![axis]);
      const mean = values.reduce((a, b) => a + b, 0) / count;
      for (const value of values) sum += (value - mean) ** 2;
    }
  }
  return Math.min(MOST_SPREAD, Math.sqrt(sum / (points * count)));
}
