/** What models said of labelled faces: kept, so that figures can be made again without the networks. */
import { type AgeLabel, type ConformalInterval, type Gender, OLDEST, YOUNGEST } from '../age/index.js';
import type { CalibrationOrigin, ModelMetadata } from '../metadata/index.js';
import { type FaceRow, type FaceTable, faceTable, YEARS } from '../metrics/index.js';
import type { PicturesOrigin } from './pictures.js';

/** What one model said of one face. */
export interface Said {
  /** The probability of each year 0..100. */
  readonly years: Float32Array;
  /** P(female); undefined where the model does not tell gender. */
  readonly female: number | undefined;
}

export interface PredictedFace {
  readonly file: string;
  readonly label?: AgeLabel | undefined;
  readonly gender?: Gender | undefined;
  readonly columns: Readonly<Record<string, string | undefined>>;
  /** One for each model; undefined where no face was found. */
  readonly said: readonly Said[] | undefined;
  /** Why the picture could not be read, in a sentence; such a picture is in no figure. */
  readonly problem?: string | undefined;
}

/** A model as predictions record it. */
export interface PredictedModel {
  readonly name: string;
  /** Of its file. */
  readonly sha256: string;
  /** The years that its classes reach from and to. */
  readonly youngest: number;
  readonly oldest: number;
  /** What the model was calibrated on, store by store; null for one that was not. */
  readonly calibratedOn: readonly CalibrationOrigin[] | null;
  /** The interval that it was calibrated to give; null for one that gives the central interval of its distribution. */
  readonly interval: ConformalInterval | null;
}

/** What predictions record of models that were loaded. */
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
  /** Whether pictures were taken for faces already cropped; else each face was found by the detector. */
  readonly cropped: boolean;
}

export interface Predictions {
  readonly info: PredictionsInfo;
  readonly faces: readonly PredictedFace[];
  /** What the reader left out, each in a sentence. */
  readonly leftOut: readonly string[];
}

/** All models together, as an ensemble: their mean. */
export const ENSEMBLE = 'ensemble';

/**
 * The table of what one model, or all of them together, said of the pictures that could be read.
 * @param model its place among the models
 */
export function predictionTable(
  { faces }: Pick<Predictions, 'faces'>,
  model: number | typeof ENSEMBLE,
): FaceTable {
  const sets = new Set(faces.map(({ columns }) => columns.set));
  return faceTable(
    faces
      .filter(({ problem }) => problem === undefined)
      .map(({ label, gender, columns: { set, ...columns }, said }): FaceRow => {
        const told = said && (model === ENSEMBLE ? average(said) : said[model]!);
        return {
          label,
          gender,
          columns: sets.size > 1 ? { ...columns, set } : columns,
          prediction: told && {
            age: { years: told.years },
            ...(told.female !== undefined && { female: told.female }),
          },
        };
      }),
  );
}

function average(said: readonly Said[]): { years: ArrayLike<number>; female: number | undefined } {
  const years = new Float64Array(YEARS);
  for (const one of said)
    for (let year = 0; year < YEARS; year++) years[year]! += one.years[year]! / said.length;
  const told = said.flatMap(({ female }) => female ?? []);
  return { years, female: told.length === 0 ? undefined : told.reduce((a, b) => a + b) / told.length };
}
