/** From predictions to evaluations: one for each model, and one for the ensemble of several. */
import type { FaceTable } from '../metrics/index.js';
import type { Evaluation, EvaluationOrigin } from './document.js';
import { EvaluationError } from './error.js';
import { type EvaluateRowsOptions, evaluateRows } from './evaluate-rows.js';
import { intervalFigures } from './interval.js';
import { notesOn } from './notes.js';
import { ENSEMBLE, type Predictions, predictionTable } from './predictions.js';

/**
 * The evaluation of each model, the ensemble of several last. The same predictions and options give the same documents to
 * the last digit.
 * @throws EvaluationError if no picture could be read, or none has an age or a gender
 */
export function evaluatePredictions(
  predictions: Predictions,
  options: EvaluateRowsOptions = {},
): Evaluation[] {
  const { models } = predictions.info;
  const members = models.map((_, m) => m);
  return [...members, ...(models.length > 1 ? [ENSEMBLE] : [])].map((model) => {
    const which = model as number | typeof ENSEMBLE;
    const table = predictionTable(predictions, which);
    checkLabelled(table, predictions);
    const found = evaluateRows(table, options);
    const given = which === ENSEMBLE ? null : models[which]!.interval;
    const interval = given === null ? undefined : intervalFigures(table, given, found.bootstrap);
    const files = predictions.faces.flatMap(({ file, problem }) => (problem === undefined ? [file] : []));
    return {
      ...found,
      worst: found.worst.map((one) => ({ ...one, file: files[one.face]! })),
      ...(interval && { interval }),
      origin: originOf(predictions, which, table, found),
    };
  });
}

function originOf(
  { info: { models, data, cropped }, faces, leftOut }: Predictions,
  model: number | typeof ENSEMBLE,
  table: FaceTable,
  found: Evaluation,
): EvaluationOrigin {
  const members = model === ENSEMBLE ? models : [models[model]!];
  return {
    name: model === ENSEMBLE ? ENSEMBLE : models[model]!.name,
    models: members,
    data,
    cropped,
    unreadable: faces.flatMap(({ file, problem }) => (problem === undefined ? [] : [{ file, problem }])),
    leftOut,
    notes: notesOn(table, found, members, data),
  };
}

function checkLabelled(table: FaceTable, { info: { data }, faces }: Predictions): void {
  const subject = data.path;
  if (table.count === 0) {
    const first = faces.find(({ problem }) => problem !== undefined)?.problem;
    throw new EvaluationError({
      subject,
      expected: 'pictures to evaluate on',
      found: first === undefined ? 'none' : `none that can be read (the first: ${first})`,
    });
  }
  if (table.low.every(Number.isNaN) && table.gender.every((gender) => gender < 0)) {
    throw new EvaluationError({ subject, expected: 'faces with ages or genders', found: 'none' });
  }
}
