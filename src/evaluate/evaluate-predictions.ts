/** From predictions to evaluations: one for each model, and one for the ensemble of several. */
import { CLASS_SETS, classLabel } from '../age/index.js';
import type { FaceTable } from '../metrics/index.js';
import type { Evaluation, EvaluationOrigin } from './document.js';
import { EvaluationError } from './error.js';
import { type EvaluateRowsOptions, evaluateRows } from './evaluate-rows.js';
import { intervalFigures } from './interval.js';
import { notesOn } from './notes.js';
import {
  ENSEMBLE,
  type PredictedModel,
  type Predictions,
  placesOfWhole,
  predictionTable,
} from './predictions.js';
import { robustnessFigures } from './robustness/index.js';

/**
 * The evaluation of each model and of the networks that it averages, the ensemble of several models last. The same
 * predictions and options give the same documents to the last digit.
 * @throws EvaluationError if no picture could be read, or none has an age or a gender
 */
export function evaluatePredictions(
  predictions: Predictions,
  options: EvaluateRowsOptions = {},
): Evaluation[] {
  const { models } = predictions.info;
  const whole = placesOfWhole(models);
  const each = models.map((model, m) => evaluation(predictions, model.name, [m], options));
  return whole.length > 1 ? [...each, evaluation(predictions, ENSEMBLE, whole, options)] : each;
}

function evaluation(
  predictions: Predictions,
  name: string,
  places: readonly number[],
  options: EvaluateRowsOptions,
): Evaluation {
  const { faces, robustness: changed } = predictions;
  const models = places.map((m) => predictions.info.models[m]!);
  const table = predictionTable(predictions, places);
  checkLabelled(table, predictions);
  const own = ownGroups(models);
  const found = evaluateRows(table, { ...(own && { classSets: own }), ...options });
  const given = models.length === 1 ? models[0]!.interval : null;
  const interval = given === null ? undefined : intervalFigures(table, given, found.bootstrap);
  const files = faces.flatMap(({ file, problem }) => (problem === undefined ? [file] : []));
  const { draws, seed, confidence } = found.bootstrap;
  const robustness =
    changed && robustnessFigures(changed, table, rowsOf(faces), places, { draws, seed, confidence });
  return {
    ...found,
    worst: found.worst.map((one) => ({ ...one, file: files[one.face]! })),
    ...(interval && { interval }),
    ...(robustness && { robustness }),
    origin: originOf(predictions, name, models, table, found),
  };
}

/** The age groups that models of groups have in common, by the name of the set; other groups would cut theirs apart. */
function ownGroups([first, ...others]: readonly PredictedModel[]): EvaluateRowsOptions['classSets'] {
  const groups = first?.groups;
  if (groups === undefined || others.some((other) => !isDeepEqual(other.groups, groups))) return undefined;
  const known = Object.entries(CLASS_SETS).find(([, classes]) => isDeepEqual(classes, groups));
  return { [known?.[0] ?? groups.map(classLabel).join(',')]: groups };
}

const isDeepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The row of each picture in a table, which lacks those that could not be read. */
function rowsOf(faces: Predictions['faces']): number[] {
  let row = 0;
  return faces.map(({ problem }) => (problem === undefined ? row++ : -1));
}

function originOf(
  { info: { data, cropped, flip }, faces, leftOut }: Predictions,
  name: string,
  models: readonly PredictedModel[],
  table: FaceTable,
  found: Evaluation,
): EvaluationOrigin {
  return {
    name,
    models,
    data,
    cropped,
    flip,
    unreadable: faces.flatMap(({ file, problem }) => (problem === undefined ? [] : [{ file, problem }])),
    leftOut,
    notes: notesOn(table, found, models, data, leftOut),
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
