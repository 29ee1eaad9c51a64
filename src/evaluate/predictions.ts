/** Predictions of models for labelled faces, kept so that figures can be computed again without the networks. */
import { type AgeLabel, type ConformalInterval, type Gender, OLDEST, YOUNGEST } from '../age/index.js';
import type { CalibrationOrigin, ModelMetadata } from '../metadata/index.js';
import { type FaceRow, type FaceTable, faceTable, YEARS } from '../metrics/index.js';
import type { PicturesOrigin } from './pictures.js';

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
  /** The stores that the model was calibrated on; null if it is not calibrated. */
  readonly calibratedOn: readonly CalibrationOrigin[] | null;
  /** The calibrated interval; null if its interval is the central one of the distribution. */
  readonly interval: ConformalInterval | null;
}

/** Loaded models as predictions record them. */
export const predictedModels = (
  named: readonly Pick<PredictedModel, 'name' | 'sha256'>[],
  facts: readonly Pick<ModelMetadata, 'age' | 'calibration'>[],
): PredictedModel[] =>
  facts.map(({ age, calibration }, m) => ({
    name: named[m]!.name,
    sha256: named[m]!.sha256,
    youngest: age?.classes[0]?.from ?? YOUNGEST,
    oldest: age?.classes.at(-1)?.to ?? OLDEST,
    calibratedOn: calibration?.fittedOn ?? null,
    interval: calibration?.interval ?? null,
  }));

export interface PredictionsInfo {
  readonly models: readonly PredictedModel[];
  readonly data: PicturesOrigin;
  /** Whether pictures were used as faces already cropped; otherwise the detector found each face. */
  readonly cropped: boolean;
}

export interface Predictions {
  readonly info: PredictionsInfo;
  readonly faces: readonly PredictedFace[];
  /** What the reader of the data set left out, a sentence each. */
  readonly leftOut: readonly string[];
}

/** All models as an ensemble: the mean of their distributions. */
export const ENSEMBLE = 'ensemble';

/**
 * The table of the predictions of one model, or of the ensemble, for all readable pictures.
 * @param model its index among the models
 */
export function predictionTable(
  { faces }: Pick<Predictions, 'faces'>,
  model: number | typeof ENSEMBLE,
): FaceTable {
  const sets = new Set(faces.map(({ columns }) => columns.set));
  return faceTable(
    faces
      .filter(({ problem }) => problem === undefined)
      .map(({ label, gender, columns: { set, ...columns }, predictions }): FaceRow => {
        const chosen = predictions && (model === ENSEMBLE ? average(predictions) : predictions[model]!);
        return {
          label,
          gender,
          columns: sets.size > 1 ? { ...columns, set } : columns,
          prediction: chosen && {
            age: { years: chosen.years },
            ...(chosen.female !== undefined && { female: chosen.female }),
          },
        };
      }),
  );
}

function average(predictions: readonly ModelPrediction[]): {
  years: ArrayLike<number>;
  female: number | undefined;
} {
  const years = new Float64Array(YEARS);
  for (const prediction of predictions)
    for (let year = 0; year < YEARS; year++) years[year]! += prediction.years[year]! / predictions.length;
  const shares = predictions.flatMap(({ female }) => female ?? []);
  return { years, female: shares.length === 0 ? undefined : shares.reduce((a, b) => a + b) / shares.length };
}
