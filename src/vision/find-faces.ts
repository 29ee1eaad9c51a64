/** Finds the faces of a picture in any orientation. */
import { type FaceRegion, rollAngle } from './crop.js';
import type { DetectOptions, FaceDetector } from './detector.js';
import { overlap } from './merge.js';
import { rotateImage, type Turn, turnBackFace } from './rotate.js';
import type { Box, DetectedFace, PixelImage } from './types.js';

/** A face in the picture as given, and in an upright copy for cropping. */
export interface FoundFace {
  /** In the picture as given. */
  readonly face: DetectedFace;
  /** The picture rotated so that its faces are upright; the given one if they already are. */
  readonly turned: PixelImage;
  /** The face in `turned`; with its angle where that was sought. */
  readonly region: DetectedFace & Pick<FaceRegion, 'angle'>;
}

const TURNS = [90, 270, 180] as const satisfies readonly Turn[];

/**
 * Faces with at least this mean score and at most this roll are upright. The detector finds some sideways faces too,
 * but with mean scores of 0.6 to 0.7 or roll angles of 30° to 60°.
 */
const SURE_SCORE = 0.7;
const LEANING = Math.PI / 6;

/** At this score a face is as likely false as true. */
const DOUBTFUL_SCORE = 0.5;

/** A rotated picture counts only if its best face scores at least this. */
const MIN_TURNED_SCORE = 0.6;

/**
 * The faces of a picture, by descending score. If none is found, or only doubtful and tilted ones, the picture is also
 * searched at 90°, 180° and 270°, and the orientation with the most evidence for faces is used. `minScore` can lower
 * the detector's minimum score.
 */
export async function findFaces(
  detector: Pick<FaceDetector, 'detect'>,
  image: PixelImage,
  { turn: turning, ...options }: DetectOptions & { readonly turn: boolean },
): Promise<FoundFace[]> {
  const upright = await detector.detect(image, options);
  let best = { turned: image, faces: upright, back: (face: DetectedFace) => face };
  if (turning && !isUpright(upright)) {
    for (const turn of TURNS) {
      const turned = rotateImage(image, turn);
      const faces = await detector.detect(turned, { ...options, between: false });
      if ((faces[0]?.score ?? 0) >= MIN_TURNED_SCORE && evidence(faces) > evidence(best.faces)) {
        best = { turned, faces, back: (face) => turnBackFace(face, turn, image) };
      }
    }
  }
  return best.faces.map((region) => ({ face: best.back(region), turned: best.turned, region }));
}

function isUpright(faces: readonly DetectedFace[]): boolean {
  const total = faces.reduce((sum, face) => sum + face.score, 0);
  if (faces.length === 0 || total / faces.length < SURE_SCORE) return false;
  const rolls = faces.map((face) => Math.abs(rollAngle(face.landmarks))).sort((a, b) => a - b);
  return rolls[Math.floor(rolls.length / 2)]! < LEANING;
}

/** The evidence for an orientation: several doubtful faces count less than a few certain ones. */
function evidence(faces: readonly DetectedFace[]): number {
  return faces.reduce((sum, face) => sum + Math.max(0, face.score - DOUBTFUL_SCORE), 0);
}

/** The minimum intersection over union of a face with a labelled box. */
const SAME_FACE = 0.2;

/** The face that a picture's label refers to: the one in its box, or the largest if it has no box. */
export function labelledFace(found: readonly FoundFace[], box: Box | undefined): FoundFace | undefined {
  const size = ({ face }: FoundFace) =>
    box === undefined ? face.box.width * face.box.height : overlap(face.box, box).iou;
  const [best] = found.toSorted((a, b) => size(b) - size(a));
  return best !== undefined && (box === undefined || size(best) >= SAME_FACE) ? best : undefined;
}
