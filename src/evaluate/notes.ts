/** Cautions that the figures themselves do not show, a sentence each. */
import type { FaceTable } from '../metrics/index.js';
import type { Evaluation } from './document.js';
import { RANKED_FROM } from './parts.js';
import type { PicturesOrigin } from './pictures.js';
import type { PredictedModel } from './predictions.js';

export function notesOn(
  table: FaceTable,
  found: Evaluation,
  models: readonly PredictedModel[],
  data: PicturesOrigin,
): string[] {
  return [
    ...models.flatMap((model) => [...uncovered(table, model), ...calibrationNotes(model, data)]),
    ...withoutMinors(found),
    ...smallGroups(found),
  ];
}

/** Labels that no class of a model covers. */
function uncovered({ low, high }: FaceTable, { name, youngest, oldest }: PredictedModel): string[] {
  let [labels, outside] = [0, 0];
  for (let i = 0; i < low.length; i++) {
    if (Number.isNaN(low[i]!)) continue;
    labels++;
    if (high[i]! < youngest || low[i]! > oldest) outside++;
  }
  if (outside === 0) return [];
  const share = ((100 * outside) / labels).toFixed(1);
  return [
    `Model '${name}' predicts ages from ${youngest} to ${oldest}; ${outside} of ${labels} labels (${share}%) lie outside.`,
  ];
}

function withoutMinors({ checks }: Evaluation): string[] {
  const all = checks.filter(({ column, youngest }) => column === null && youngest === 0);
  const without = (of: 'minors' | 'adults') => [
    ...new Set(all.flatMap((check) => (check[of] === 0 ? [check.threshold] : []))),
  ];
  const [minors, adults] = [without('minors'), without('adults')];
  return [
    ...(minors.length > 0
      ? [`No face is known to be younger than ${minors.join(', ')}, so there is no false adult rate there.`]
      : []),
    ...(adults.length > 0
      ? [
          `No face is known to be ${adults.join(', ')} or older, so there is no rate of referred adults there.`,
        ]
      : []),
  ];
}

function smallGroups({ groups }: Evaluation): string[] {
  return groups.flatMap(({ column, parts }) => {
    const few = parts.filter(({ faces }) => faces.total < RANKED_FROM).map(({ name }) => name);
    if (few.length === 0) return [];
    const named = few.length > MOST_NAMED ? `${few.length} groups` : few.join(', ');
    return [
      `By ${column}, ${named} ${few.length === 1 ? 'has' : 'have'} fewer than ${RANKED_FROM} faces and ${few.length === 1 ? 'is' : 'are'} not ranked as best or worst.`,
    ];
  });
}

const MOST_NAMED = 8;

/** Whether a model was calibrated on these faces, or on some of them if a whole store is evaluated. */
export const isCalibratedOn = (
  { calibratedOn }: Pick<PredictedModel, 'calibratedOn'>,
  { fingerprint, part, rows }: PicturesOrigin,
): boolean =>
  (calibratedOn ?? []).some(
    (origin) => origin.fingerprint === fingerprint && (origin.rows === rows || part === null),
  );

function calibrationNotes({ name, calibratedOn }: PredictedModel, data: PicturesOrigin): string[] {
  if (isCalibratedOn({ calibratedOn }, data)) {
    return [
      `Model '${name}' was calibrated on these very faces: on others its calibration, intervals and bias will be worse.`,
    ];
  }
  return (calibratedOn ?? [])
    .filter(({ fingerprint }) => fingerprint === data.fingerprint)
    .filter(({ split, part }) => split !== data.split || part === data.part || data.part === null)
    .map(({ part }) => {
      const which = part === null ? 'all of it' : `part '${part}'`;
      return `Model '${name}' was calibrated on the same store (${which}) and may have seen some of these faces.`;
    });
}
