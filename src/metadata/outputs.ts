/**
 * Decodes a network's raw outputs into distributions according to its metadata, checked and calibrated: the only place
 * that does so, in Node, in a browser and in a thread.
 */
import { type AgeDistribution, calibrateDistribution, calibrateFemale, NO_AGES } from '../age/index.js';
import type { Calibration, ModelMetadata } from './document.js';
import { MetadataError } from './error.js';

/** Tolerance of a sum of probabilities; float16 networks are off by a thousandth. */
const SUM_TOLERANCE = 0.01;

export interface Prediction {
  /** `NO_AGES` for a model that predicts only gender. */
  readonly age: AgeDistribution;
  /** The distributions of the networks that the model averages, if it outputs them; not calibrated. */
  readonly members?: readonly AgeDistribution[] | undefined;
  /** The index of the model, from 0; undefined where it is not needed. */
  readonly model?: number | undefined;
  /** P(female), if the model predicts gender and it was requested. */
  readonly female: number | undefined;
  /** Years added to both ends of the central 90% interval of a calibrated model. */
  readonly widening?: number | undefined;
}

/**
 * A network's outputs for `count` faces: `[count, K]` over its age classes, and `[count, 1 or 2]` if gender was
 * requested.
 */
export interface RawOutputs {
  readonly age?: Float32Array | undefined;
  readonly gender?: Float32Array | undefined;
  /** Each `[count, K]`, in the order of the metadata. */
  readonly members?: readonly Float32Array[] | undefined;
}

/**
 * One prediction per face, without references to the raw arrays.
 * @throws MetadataError if the outputs contradict the metadata: wrong length, or not probabilities
 */
export function decodeOutputs(metadata: ModelMetadata, raw: RawOutputs, count: number): Prediction[] {
  const { age, gender, name } = metadata;
  const distributions = (output: string, data: Float32Array): AgeDistribution[] =>
    rows(metadata, output, data, count, [age!.classes.length]).map((row) =>
      distribution(metadata, output, row),
    );
  const ages = age === null ? undefined : distributions(age.name, raw.age!);
  const members = raw.members?.map((data, m) => distributions(age!.members![m]!, data));
  const genders = raw.gender && rows(metadata, gender!.name, raw.gender, count, [1, 2]);
  return Array.from({ length: count }, (_, i) => {
    const female = genders && probabilityOfFemale(metadata, genders[i]!);
    if (female !== undefined && !(female >= 0 && female <= 1)) {
      throw new MetadataError(
        `Model '${name}': its output '${gender!.name}' must be a probability, found ${female}`,
      );
    }
    const prediction = calibrated({ age: ages?.[i] ?? NO_AGES, female }, metadata.calibration);
    return members === undefined ? prediction : { ...prediction, members: members.map((ages) => ages[i]!) };
  });
}

/** A row over the age classes. @throws MetadataError where it holds no probabilities */
function distribution({ age, name }: ModelMetadata, output: string, row: Float32Array): AgeDistribution {
  const { activation, classes } = age!;
  const probabilities = activation === 'logits' ? softmax(row) : row;
  const sum = probabilities.reduce((a, b) => a + b, 0);
  if (!(Math.abs(sum - 1) < SUM_TOLERANCE) || probabilities.some((p) => p < 0)) {
    throw new MetadataError(
      `Model '${name}': its output '${output}' must be probabilities${activation === 'logits' ? ' after a softmax' : ''}, found numbers that sum to ${sum}`,
    );
  }
  return { classes, probabilities };
}

/** Tempered, smoothed, its bias corrected; P(female) shifted so that the threshold is one half. */
function calibrated({ age, female }: Prediction, calibration: Calibration | undefined): Prediction {
  if (calibration === undefined) return { age, female };
  const { femaleFrom, interval } = calibration;
  return {
    age: age.classes.length === 0 ? age : calibrateDistribution(age, calibration),
    female: female === undefined || femaleFrom === null ? female : calibrateFemale(female, femaleFrom),
    widening: interval?.widening,
  };
}

/** The rows of `[count, n]`, n one of `widths`, each copied. */
function rows(
  { name }: ModelMetadata,
  output: string,
  data: Float32Array,
  count: number,
  widths: readonly number[],
): Float32Array[] {
  const width = data.length / count;
  if (!widths.includes(width)) {
    throw new MetadataError(
      `Model '${name}': its output '${output}' has ${width} numbers per face, its metadata says ${widths.join(' or ')}`,
    );
  }
  return Array.from({ length: count }, (_, i) => data.slice(i * width, (i + 1) * width));
}

/** A single number is the second label's logit or probability; two are both labels'. */
function probabilityOfFemale({ gender }: ModelMetadata, row: Float32Array): number {
  const { labels, activation } = gender!;
  const second =
    row.length === 2
      ? (activation === 'logits' ? softmax(row) : row)[1]!
      : activation === 'logits'
        ? 1 / (1 + Math.exp(-row[0]!))
        : row[0]!;
  return labels[1] === 'female' ? second : 1 - second;
}

/** e^x / Σ e^x, stable for large logits. */
export function softmax(logits: Float32Array): Float32Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exps = logits.map((x) => Math.exp(x - highest));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}
