/** Whether a model has seen the faces that it is measured on: learned from them, or been calibrated on them. */
import type { PicturesOrigin } from './pictures.js';
import type { PredictedModel } from './predictions.js';

type SeenBy = Pick<PredictedModel, 'calibratedOn' | 'trainedOn'>;

/** What was done with the very faces, or with some of a whole store. */
export type Seen = 'trained' | 'calibrated';

export function howSeen({ calibratedOn, trainedOn }: SeenBy, data: PicturesOrigin): Seen[] {
  const some = (origins: readonly Origin[] | null) => (origins ?? []).some((origin) => isOf(origin, data));
  return [
    ...(some(trainedOn) ? ['trained' as const] : []),
    ...(some(calibratedOn) ? ['calibrated' as const] : []),
  ];
}

interface Origin {
  readonly fingerprint: string;
  readonly split: string | null;
  readonly part: string | null;
  readonly rows: string | null;
}

function isOf(origin: Origin, { fingerprint, split, part, rows }: PicturesOrigin): boolean {
  if (origin.fingerprint !== fingerprint) return false;
  if (part === null) return true;
  return origin.rows === null ? origin.split === split && origin.part === part : origin.rows === rows;
}

const SENTENCES: Readonly<Record<Seen, string>> = {
  trained: 'has learned from these very faces: on others its figures will be worse.',
  calibrated:
    'was calibrated on these very faces: on others its calibration, intervals and bias will be worse.',
};

/** What readers of figures must know about it, a sentence each. */
export function seenNotes(
  { name, ...model }: SeenBy & { readonly name: string },
  data: PicturesOrigin,
): string[] {
  const ways = howSeen(model, data);
  if (ways.length > 0) return ways.map((way) => `Model '${name}' ${SENTENCES[way]}`);
  // Parts of one split have no face in common; those of two may, and so may a part of a split that was made again.
  const others = (origins: readonly Origin[] | null, verb: string) =>
    (origins ?? [])
      .filter(
        ({ fingerprint, split, part }) =>
          fingerprint === data.fingerprint && (split !== data.split || part === data.part),
      )
      .map(({ split, part }) => {
        const which = part === null ? 'all of it' : `part '${part}' of split '${split}'`;
        return `Model '${name}' ${verb} the same store (${which}) and may have seen some of these faces.`;
      });
  return [...others(model.trainedOn, 'has learned from'), ...others(model.calibratedOn, 'was calibrated on')];
}
