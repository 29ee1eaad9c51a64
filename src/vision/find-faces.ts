/** The faces of a picture, whichever way up it is. */
import { rollAngle } from './crop.js';
import type { FaceDetector } from './detector.js';
import { overlap } from './merge.js';
import { rotateImage, type Turn, turnBackFace } from './rotate.js';
import type { Box, DetectedFace, PixelImage } from './types.js';

/** A face as it lies in the picture, and where it is upright, to be cropped from. */
export interface FoundFace {
  /** In the picture as given. */
  readonly face: DetectedFace;
  /** The picture turned until its faces are upright; the one given where they are. */
  readonly turned: PixelImage;
  /** The face in `turned`. */
  readonly region: DetectedFace;
}

const TURNS = [90, 270, 180] as const satisfies readonly Turn[];

/** Faces whose mean score is at least this, and whose eye lines lean less than this, are the right way up. Of
 *  sideways faces the detector finds some too, but with mean scores of 0.6 to 0.7 or eye lines of 30° to 60°. */
const SURE_SCORE = 0.7;
const LEANING = Math.PI / 6;

/** A face with this score is as likely none. */
const DOUBTFUL_SCORE = 0.5;

/** A turned picture counts only if its best face scores at least this. */
const MIN_TURNED_SCORE = 0.6;

/**
 * The faces of a picture, by descending score. Where none is found, or only doubtful and leaning ones, the
 * picture is looked at turned by 90°, 180° and 270° too, and the way up with the most evidence for faces is
 * taken. `minScore` finds faces of a lower score than the detector's default too.
 */
export async function findFaces(
  detector: Pick<FaceDetector, 'detect'>,
  image: PixelImage,
  { turn: turning, minScore }: { readonly turn: boolean; readonly minScore?: number },
): Promise<FoundFace[]> {
  const least = minScore === undefined ? {} : { minScore };
  const upright = await detector.detect(image, least);
  let best = { turned: image, faces: upright, back: (face: DetectedFace) => face };
  if (turning && !isUpright(upright)) {
    for (const turn of TURNS) {
      const turned = rotateImage(image, turn);
      const faces = await detector.detect(turned, { ...least, between: false });
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

/** What a way up has to show: several doubtful faces are less than a few sure ones. */
function evidence(faces: readonly DetectedFace[]): number {
  return faces.reduce((sum, face) => sum + Math.max(0, face.score - DOUBTFUL_SCORE), 0);
}

/** How much of a labelled box a face has to share with it (intersection over union) to be the one. */
const SAME_FACE = 0.2;

/** The face that a picture's label is of: the one in its box, or the largest where it has none. */
export function labelledFace(found: readonly FoundFace[], box: Box | undefined): FoundFace | undefined {
  const size = ({ face }: FoundFace) =>
    box === undefined ? face.box.width * face.box.height : overlap(face.box, box).iou;
  const [best] = found.toSorted((a, b) => size(b) - size(a));
  return best !== undefined && (box === undefined || size(best) >= SAME_FACE) ? best : undefined;
}
