/** Predictions of models for labelled faces, kept so that figures can be computed again without the networks. */
import {
  type AgeClass,
  type AgeLabel,
  type ConformalInterval,
  type Gender,
  OLDEST,
  YOUNGEST,
} from '../age/index.js';
import type { CalibrationOrigin, ModelMetadata, TrainingOrigin } from '../metadata/index.js';
import { type FaceRow, type FaceTable, faceTable, YEARS } from '../metrics/index.js';
import { type CardMetadata, cardMetadata } from './card-metadata.js';
import type { PicturesOrigin } from './pictures.js';
import type { AgesUnderChanges } from './robustness/ages.js';

/** The prediction of one model for one face. */
export interface ModelPrediction {
  /** The probability of each year 0..100. */
  readonly years: Float32Array;
  /** P(female); undefined if the model does not predict gender. */
  readonly female: number | undefined;
}

export interface PredictedFace {
  readonly file: string;
  readonly label?: AgeLabel | undefined;
  readonly gender?: Gender | undefined;
  readonly columns: Readonly<Record<string, string | undefined>>;
  /** One for each model; undefined if no face was found. */
  readonly predictions: readonly ModelPrediction[] | undefined;
  /** Why the picture could not be read, in a sentence; it then counts in no figure. */
  readonly problem?: string | undefined;
}

/** A model as predictions record it. */
export interface PredictedModel {
  readonly name: string;
  /** Of its file. */
  readonly sha256: string;
  /** The first and the last year that its classes cover. */
  readonly youngest: number;
  readonly oldest: number;
  /** Its classes, for a model of age groups. */
  readonly groups?: readonly AgeClass[] | undefined;
  /** The model that averages it with others; null if it stands alone. */
  readonly memberOf: string | null;
  /** The stores that the model was calibrated on; null if it is not calibrated. */
  readonly calibratedOn: readonly CalibrationOrigin[] | null;
  /** The parts of stores that the model learned from; null if it does not record them. */
  readonly trainedOn: readonly TrainingOrigin[] | null;
  /** The calibrated interval; null if its interval is the central one of the distribution. */
  readonly interval: ConformalInterval | null;
  /** What a card tells of the model, or of the one that averages it; absent in files of earlier versions. */
  readonly facts?: CardMetadata | undefined;
}

/** Loaded models as predictions record them; after each, the networks that it averages. */
export const predictedModels = (
  named: readonly Pick<PredictedModel, 'name' | 'sha256'>[],
  metadata: readonly (CardMetadata & Pick<ModelMetadata, 'age' | 'calibration' | 'trainedOn'>)[],
): PredictedModel[] =>
  metadata.flatMap((facts, m) => {
    const { age, calibration, trainedOn } = facts;
    const model: PredictedModel = {
      name: named[m]!.name,
      sha256: named[m]!.sha256,
      youngest: age?.classes[0]?.from ?? YOUNGEST,
      oldest: age?.classes.at(-1)?.to ?? OLDEST,
      ...(age?.classes.some(({ from, to }) => from < to) && { groups: age.classes }),
      memberOf: null,
      calibratedOn: calibration?.fittedOn ?? null,
      trainedOn: trainedOn ?? null,
      interval: calibration?.interval ?? null,
      facts: cardMetadata(facts),
    };
    const members = (age?.members ?? []).map((_, k) => ({
      ...model,
      name: `${model.name}, member ${k + 1}`,
      memberOf: model.name,
      calibratedOn: null,
      interval: null,
    }));
    return [model, ...members];
  });

export interface PredictionsInfo {
  readonly models: readonly PredictedModel[];
  readonly data: PicturesOrigin;
  /** Whether pictures were used as faces already cropped; otherwise the detector found each face. */
  readonly cropped: boolean;
  /** Whether predictions are the mean over each face and its mirror image. */
  readonly flip: boolean;
}

export interface Predictions {
  readonly info: PredictionsInfo;
  readonly faces: readonly PredictedFace[];
  /** What the reader of the data set left out, a sentence each. */
  readonly leftOut: readonly string[];
  /** Predictions for some of the faces under changes; absent if they were not requested. */
  readonly robustness?: AgesUnderChanges | undefined;
}

/** All models as an ensemble: the mean of their distributions. */
export const ENSEMBLE = 'ensemble';

/** The indexes of the models that stand alone: an ensemble averages these. */
export const placesOfWhole = (models: readonly Pick<PredictedModel, 'memberOf'>[]): number[] =>
  models.flatMap(({ memberOf }, m) => (memberOf === null ? [m] : []));

/**
 * The table of the predictions of one model, or of an ensemble, for all readable pictures; without ages for models that
 * predict only gender, if `info` says so.
 * @param model its index among the models, or the indexes of the ensemble's
 */
export function predictionTable(
  { faces, info }: Pick<Predictions, 'faces'> & { readonly info?: Pick<PredictionsInfo, 'models'> },
  model: number | readonly number[],
): FaceTable {
  const places = typeof model === 'number' ? [model] : model;
  const ofAges = places.filter((m) => info?.models[m]?.facts?.age !== null);
  const sets = new Set(faces.map(({ columns }) => columns.set));
  return faceTable(
    faces
      .filter(({ problem }) => problem === undefined)
      .map(({ label, gender, columns: { set, ...columns }, predictions }): FaceRow => {
        const female = predictions && meanFemale(places.map((m) => predictions[m]!));
        return {
          label,
          gender,
          columns: sets.size > 1 ? { ...columns, set } : columns,
          prediction: predictions && {
            ...(ofAges.length > 0 && { age: { years: meanYears(ofAges.map((m) => predictions[m]!)) } }),
            ...(female !== undefined && { female }),
          },
        };
      }),
  );
}

function meanYears(predictions: readonly ModelPrediction[]): ArrayLike<number> {
  if (predictions.length === 1) return predictions[0]!.years;
  const years = new Float64Array(YEARS);
  for (const prediction of predictions)
    for (let year = 0; year < YEARS; year++) years[year]! += prediction.years[year]! / predictions.length;
  return years;
}

function meanFemale(predictions: readonly ModelPrediction[]): number | undefined {
  const shares = predictions.flatMap(({ female }) => female ?? []);
  return shares.length === 0 ? undefined : shares.reduce((a, b) => a + b) / shares.length;
}
