/**
 * A second look at what may be a face: lights out of focus, leaves and windows are taken for faces now and then, with
 * scores that dark, blurred and turned faces have too. The detector sees a face alike however large it is shown and
 * whichever way round; of other things it says this now and that then.
 *
 * `bench/false-faces.ts` measures what it lets through, on drawings and on faces.
 */
import { flipImage } from './flip.js';
import { overlap } from './merge.js';
import type { DetectedFace, Landmarks, PixelImage, Point } from './types.js';
import { warpImage } from './warp.js';

/** A face that scores this much needs no second look: of drawings without faces none came above 0.73. */
const CERTAIN = 0.78;
/** Nor does one of this score beside a certain one, or whose candidates have their points in the same places, to this share
 *  of its size. */
const AGREED = { score: 0.65, spread: 0.03 } as const;

/** The least score that counts as seeing the face again. */
const LEAST = 0.01;

/** The views: how large the face is, the root of its box's area, on a square of how many pixels. */
const VIEWS = [
  { face: 40, side: 96 },
  { face: 56, side: 128 },
  { face: 80, side: 160 },
] as const;

/** A score in the first view at which the others are left out: of drawings none came above 0.65 there. */
const CLEAR = 0.7;

/** Boxes that overlap by more than this show the same face. */
const SAME_FACE_IOU = 0.3;

/**
 * What speaks for a face, by a logistic regression on 242 candidates in drawings and 150 doubtful faces of photographs,
 * UTKFace, All-Age-Faces and FairFace; one that reaches `ENOUGH` is taken for one.
 */
const EVIDENCE = { score: 8, best: 10, logSpread: -2.3 } as const;
const ENOUGH = 16.6;
/** Added to the spread, so that the least ones count alike. */
const SPREAD_OFFSET = 0.02;
/** A spread that says that nothing agrees, and that of a face that is seen again once or never. */
const MOST_SPREAD = 0.4;

/** The candidates in a picture at its own size, in its pixels. */
export type Look = (image: PixelImage, minScore: number) => Promise<readonly DetectedFace[]>;

/** Right eye, left eye, nose and mouth, in units of the face's size. */
type Points = readonly Point[];

/** A face as it was seen again: its score, and its points from the view's centre. */
interface Sighting {
  readonly score: number;
  readonly points: Points;
}

/**
 * Whether a face is certain without a second look: by its score, in the company of others, or as copies of the picture show
 * it alike.
 * @param faces all of the picture
 * @param candidates those that they were merged from
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
 * Whether a candidate is a face: it is looked at in three sizes, in each as it is and mirrored, and judged by the best
 * score, its own score and how well its points agree.
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
  const best = Math.max(0, ...sightings.map(({ score }) => score));
  const evidence =
    EVIDENCE.score * face.score +
    EVIDENCE.best * best +
    EVIDENCE.logSpread * Math.log(spread(sightings.map(({ points }) => points)) + SPREAD_OFFSET);
  return evidence >= ENOUGH;
}

/** What is looked at: part of the picture, and the face in its middle. */
interface Shown {
  readonly image: PixelImage;
  /** The root of the face's area. */
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

/** The face in a view, its points as if it were not mirrored. */
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

/** In a mirror, the right eye is seen as a left one. */
function mirroredBack(points: Points): Points {
  const [right, left, ...others] = points.map(({ x, y }) => ({ x: -x, y }));
  return [left!, right!, ...others];
}

/** How far points lie from their means, as a root mean square over points and sightings of them. */
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
