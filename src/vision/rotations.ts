/**
 * The best of several rotations of a face, as DEX has it (Rothe, Timofte and Van Gool, IJCV 2018, 4.2): the detector looks at
 * the picture from −60° to 60° in steps of 5°, and the strongest score wins. Quarter turns are those of `findFaces`.
 *
 * DEX's detector knows upright faces alone. This one scores a face tilted by 30° as high as an upright one, give or take what
 * a face's size in the view does, so that a single score says little: the mean over a few sizes and neighbouring angles counts.
 */
import type { FaceRegion } from './crop.js';
import type { FaceDetector } from './detector.js';
import type { FoundFace } from './find-faces.js';
import { overlap } from './merge.js';
import type { PixelImage } from './types.js';
import { warpImage } from './warp.js';

const STEP = 5;
const MOST = 60;
/** In degrees. */
const ANGLES = Array.from({ length: 2 * (MOST / STEP) + 1 }, (_, i) => STEP * i - MOST);
/** How many angles to either side count for one, by weights that fall to 0 beyond them. */
const NEIGHBOURS = 3;

/** The sides of the squares that the detector looks at, in pixels, and the size of the face in each. */
const VIEWS = [
  { side: 96, face: 40 },
  { side: 160, face: 64 },
  { side: 224, face: 80 },
] as const;
/** Below it the detector gives no score. */
const LEAST_SCORE = 0.05;
/** The intersection over union of boxes of one face. */
const SAME_FACE = 0.3;

/**
 * The angle at which the detector is most certain of a face, in radians, clockwise: turning the crop by it makes the face
 * upright. 0 if it is not seen at any.
 * @param face in pixels of the picture
 */
export async function strongestAngle(
  detector: Pick<FaceDetector, 'detect'>,
  image: PixelImage,
  face: Pick<FaceRegion, 'box'>,
): Promise<number> {
  const scores: number[] = [];
  for (const degrees of ANGLES) scores.push(await scoreAt(detector, image, face.box, radians(degrees)));
  const smoothed = scores.map((_, i) => meanAround(scores, i));
  let best = ANGLES.indexOf(0);
  for (const [i, score] of smoothed.entries()) if (score > smoothed[best]!) best = i;
  return radians(ANGLES[best]!);
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The mean of the scores around one, weighted by a triangle. */
function meanAround(scores: readonly number[], i: number): number {
  let [sum, weights] = [0, 0];
  for (let k = -NEIGHBOURS; k <= NEIGHBOURS; k++) {
    const score = scores[i + k];
    if (score === undefined) continue;
    const weight = NEIGHBOURS + 1 - Math.abs(k);
    sum += weight * score;
    weights += weight;
  }
  return sum / weights;
}

/** The sum of the face's scores in all views. */
async function scoreAt(
  detector: Pick<FaceDetector, 'detect'>,
  image: PixelImage,
  box: FaceRegion['box'],
  angle: number,
): Promise<number> {
  let sum = 0;
  for (const { side, face } of VIEWS) {
    const scale = Math.sqrt(box.width * box.height) / face;
    const [width, height] = [box.width / scale, box.height / scale];
    const expected = { x: (side - width) / 2, y: (side - height) / 2, width, height };
    const view = turnedView(image, box, angle, scale, side);
    const how = { between: false, minScore: LEAST_SCORE, smallest: face / 2 };
    const same = (await detector.detect(view, how)).filter(
      (seen) => overlap(seen.box, expected).iou > SAME_FACE,
    );
    sum += Math.max(0, ...same.map(({ score }) => score));
  }
  return sum;
}

/** The surroundings of a face, turned about its middle. */
function turnedView(
  image: PixelImage,
  box: FaceRegion['box'],
  angle: number,
  scale: number,
  side: number,
): PixelImage {
  const [ax, ay] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const map = {
    x: box.x + box.width / 2 - (side / 2) * (ax - ay),
    y: box.y + box.height / 2 - (side / 2) * (ax + ay),
    ...{ ax, ay, bx: -ay, by: ax },
  };
  return warpImage(image, map, side, side);
}

/** A face with the angle at which the detector is most certain of it. */
export async function withAngle(
  detector: Pick<FaceDetector, 'detect'>,
  { face, turned, region }: FoundFace,
): Promise<FoundFace> {
  return { face, turned, region: { ...region, angle: await strongestAngle(detector, turned, region) } };
}
