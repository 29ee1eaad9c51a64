/** Cautions that the figures themselves do not show, a sentence each. */
import { PERHAPS_MONTHS } from '../data/index.js';
import type { FaceTable } from '../metrics/index.js';
import type { Evaluation } from './document.js';
import { ageOf } from './figure-text.js';
import { RANKED_FROM } from './parts.js';
import type { PicturesOrigin } from './pictures.js';
import type { PredictedModel } from './predictions.js';
import { seenNotes } from './seen.js';

export function notesOn(
  table: FaceTable,
  found: Evaluation,
  models: readonly PredictedModel[],
  data: PicturesOrigin,
  leftOut: readonly string[],
): string[] {
  return [
    ...models.flatMap((model) => [...uncovered(table, model), ...seenNotes(model, data)]),
    ...withoutMinors(found),
    ...smallGroups(found),
    ...mixedUnits(leftOut),
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
    const few = parts
      .filter((one) => (ageOf(one)?.n ?? one.faces.total) < RANKED_FROM)
      .map(({ name }) => name);
    if (few.length === 0) return [];
    const named = few.length > MOST_NAMED ? `${few.length} groups` : few.join(', ');
    return [
      `By ${column}, ${named} ${few.length === 1 ? 'has' : 'have'} fewer than ${RANKED_FROM} faces and ${few.length === 1 ? 'is' : 'are'} not ranked as best or worst.`,
    ];
  });
}

const MOST_NAMED = 8;

function mixedUnits(leftOut: readonly string[]): string[] {
  const months = leftOut.filter((sentence) => sentence.endsWith(PERHAPS_MONTHS)).length;
  if (months === 0) return [];
  const what = months === 1 ? '1 age' : `${months} ages`;
  return [
    `${what} may be in months: if the labels mix years and months, some of those that were used are wrong too.`,
  ];
}
