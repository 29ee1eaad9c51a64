/** What an evaluation found, as plain data: its JSON is what a report, a model card and the command line are made from. */
import type { ConformalInterval, Gender } from '../age/index.js';
import type { Decoding } from '../metrics/index.js';
import type { PicturesOrigin } from './pictures.js';
import type { PredictedModel } from './predictions.js';

/** The version of the document's format. */
export const EVALUATION_VERSION = 1;

/** A figure and its interval; null where it is not defined, as the recall of a class without faces. */
export interface Figure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Figures of the same faces, by name. */
export interface Section {
  /** How many faces they are of. */
  readonly n: number;
  readonly figures: Readonly<Record<string, Figure>>;
}

/** How many faces there were, and of how many there is no answer: these are in none of the errors. */
export interface FaceCounts {
  readonly total: number;
  readonly notFound: number;
  /** Of all faces, 0..1. */
  readonly notFoundShare: number;
}

/** All faces, or those that have something in common. */
export interface Part {
  /** `all`, or what they have in common, such as `18-25`. */
  readonly name: string;
  readonly faces: FaceCounts;
  /** Of the ages that distributions are decoded to: those of `errorFigures`, and `macroMae`. */
  readonly age: Readonly<Partial<Record<Decoding, Section>>>;
  /** The ChaLearn ε-error of faces whose apparent age has a spread. */
  readonly apparent: Readonly<Partial<Record<Decoding, Section>>>;
  /** Of distributions: their shape (`peak`, `spiked`, `width90`, …), beside any label (`nll`), beside a known age (`crps`, `coverage90`, …). */
  readonly shape: Section | null;
  readonly likelihood: Section | null;
  readonly knownAge: Section | null;
  /** `accuracy`, `balancedAccuracy`, `auc` of P(female). */
  readonly gender: Section | null;
}

/** A column's parts, each with a name of its own. */
export interface Grouping {
  readonly column: string;
  readonly parts: readonly Part[];
  /** Faces of which the column says nothing. */
  readonly unknown: number;
  /** The part of the largest mean absolute error, and of the smallest, among those of enough faces; null of fewer than two. */
  readonly worst: string | null;
  readonly best: string | null;
}

/** The share of other faces, and the share of a class's own, that reach a threshold. */
export type RocPoint = readonly [falsePositiveRate: number, truePositiveRate: number];

/** Ages, or genders, as classes. */
export interface Classification {
  /** How a face's class was told: the most probable one, or that of the decoded age. */
  readonly by: 'probability' | Decoding;
  readonly labels: readonly string[];
  /** The share of labelled faces whose label is of no class alone: several were right, and whichever of them was told counts. */
  readonly ambiguousShare: number;
  /** Those of `matrixFigures`, and the areas under the curve (`macroAuc`, `microAuc`) of faces of one right class. */
  readonly figures: Section;
  /** `[true][told]` */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly {
    readonly label: string;
    readonly n: number;
    readonly figures: Readonly<Record<'precision' | 'recall' | 'f1' | 'auc', Figure>>;
    /** The class against the rest, from (0, 0) to (1, 1), where probabilities were told and it has faces and so has the rest. */
    readonly roc?: readonly RocPoint[];
  }[];
}

/** Whether P(age ≥ threshold) is true as often as it says. */
export interface Reliability {
  readonly threshold: number;
  readonly bins: readonly {
    readonly from: number;
    readonly to: number;
    readonly n: number;
    readonly said: number | null;
    readonly true: number | null;
  }[];
  /** `calibrationError` over these bins; `auc`. */
  readonly figures: Section;
}

/** An age check of some faces by one decoding. Who was not found is referred. */
export interface Check {
  readonly column: string | null;
  readonly name: string;
  readonly threshold: number;
  readonly decoding: Decoding;
  /** The age in years from which faces are looked at, 0 for all. */
  readonly youngest: number;
  readonly minors: number;
  readonly adults: number;
  /** Of minors and of adults, those who were not found. */
  readonly minorsNotFound: number;
  readonly adultsNotFound: number;
  /** At each challenge age in years: the minors who pass, the adults who are referred. */
  readonly challenges: readonly number[];
  readonly falsePositive: readonly Figure[];
  readonly falseNegative: readonly Figure[];
  /** The minors estimated at the threshold or older. */
  readonly falseAdultRate: Figure;
  /** The lowest challenge age that meets a rate here, and the one that meets it for all minors with this confidence. */
  readonly wanted: readonly {
    readonly rate: number;
    readonly challenge: Figure;
    readonly sureChallenge: number | null;
    readonly confidence: number;
  }[];
}

/** How many faces of a known age were told which age. */
export interface Density {
  /** Of a cell, both ways, in years. */
  readonly cellYears: number;
  /** The cells that have faces, by their lower edges in years. */
  readonly cells: readonly (readonly [age: number, told: number, faces: number])[];
}

/** Errors of the faces whose known age is at least `from` and less than `to`, in years. */
export interface AgeErrors {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly mae: Figure;
  readonly bias: Figure;
}

/** A face of which the told age is far off. */
export interface WorstFace {
  /** Its place among those evaluated, from 0. */
  readonly face: number;
  /** Its picture inside the data set, where that is known. */
  readonly file?: string;
  /** Both ends of its label, in years. */
  readonly low: number;
  readonly high: number;
  readonly told: number;
  /** How far off the label, in years; above 0 where it was told too old. */
  readonly error: number;
}

/** How many faces have something in common; null where nobody knows. */
export interface FaceCount {
  readonly ageBand: string | null;
  readonly gender: Gender | null;
  readonly race: string | null;
  readonly faces: number;
}

/** What was evaluated on what. */
export interface EvaluationOrigin {
  /** Of the model, or `ensemble` for several together. */
  readonly name: string;
  readonly models: readonly PredictedModel[];
  readonly data: PicturesOrigin;
  /** Whether pictures were taken for faces already cropped; else each face was found by the detector. */
  readonly cropped: boolean;
  /** Pictures that could not be read, which are in no figure, each with a sentence. */
  readonly unreadable: readonly { readonly file: string; readonly problem: string }[];
  /** What the reader of the data set left out, each in a sentence. */
  readonly leftOut: readonly string[];
  /** What has to be known beside the figures, each in a sentence. */
  readonly notes: readonly string[];
}

export interface Evaluation {
  readonly formatVersion: typeof EVALUATION_VERSION;
  /** Absent where rows were evaluated of which nothing more is known. */
  readonly origin?: EvaluationOrigin;
  /** What the intervals are of: percentile bootstrap over persons or faces. */
  readonly bootstrap: {
    readonly draws: number;
    readonly seed: number;
    readonly confidence: number;
    readonly unit: 'identity' | 'face';
    readonly units: number;
  };
  readonly all: Part;
  /** The interval that a calibrated model gives: `coverage`, the share of known ages inside, and `width` in years. */
  readonly interval?: ConformalInterval & { readonly figures: Section };
  readonly groups: readonly Grouping[];
  /** By the name of the class set. */
  readonly classes: Readonly<Record<string, readonly Classification[]>>;
  readonly gender: (Classification & { readonly threshold: number }) | null;
  readonly reliability: readonly Reliability[];
  readonly checks: readonly Check[];
  /** Teenagers told to be such (`inside`), and others told to be (`into`), by decoding. */
  readonly teenagers: Readonly<
    Partial<Record<Decoding, { readonly from: number; readonly to: number; readonly figures: Section }>>
  >;
  /** Of faces of known ages. */
  readonly density: Readonly<Partial<Record<Decoding, Density>>>;
  readonly errorsByAge: Readonly<Partial<Record<Decoding, readonly AgeErrors[]>>>;
  /** The largest errors first: of means, or of medians where nothing else was told. */
  readonly worst: readonly WorstFace[];
  /** Of all faces, found or not, the youngest first. */
  readonly counts: readonly FaceCount[];
}
