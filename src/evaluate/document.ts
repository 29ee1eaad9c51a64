/** The results of an evaluation as plain data, from which reports, model cards and the command line's output are made. */
import type { ConformalInterval, Gender } from '../age/index.js';
import type { Decoding } from '../metrics/index.js';
import type { PicturesOrigin } from './pictures.js';
import type { PredictedModel } from './predictions.js';

/** The version of the document's format. */
export const EVALUATION_VERSION = 1;

/** A figure and its interval; null if undefined, as the recall of a class without faces is. */
export interface Figure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Figures of the same faces, by name. */
export interface Section {
  /** The number of faces. */
  readonly n: number;
  readonly figures: Readonly<Record<string, Figure>>;
}

/** The number of faces, and of those that were not found, which count in no error. */
export interface FaceCounts {
  readonly total: number;
  readonly notFound: number;
  /** A share of all faces, 0..1. */
  readonly notFoundShare: number;
}

/** All faces, or those of one group. */
export interface Part {
  /** `all`, or the group's name, such as `18-25`. */
  readonly name: string;
  readonly faces: FaceCounts;
  /** Figures of decoded ages: those of `errorFigures`, and `macroMae`. */
  readonly age: Readonly<Partial<Record<Decoding, Section>>>;
  /** The ChaLearn ε-error of faces whose apparent age has a spread. */
  readonly apparent: Readonly<Partial<Record<Decoding, Section>>>;
  /** Of faces whose label is a range of years: `inside`, the share whose estimate, rounded to a year, lies in it. */
  readonly ranges: Readonly<Partial<Record<Decoding, Section>>>;
  /** Figures of distributions: of their shape (`peak`, `spiked`, `width90`, …), given any label (`nll`), given a known age (`crps`, `coverage90`, …). */
  readonly shape: Section | null;
  readonly likelihood: Section | null;
  readonly knownAge: Section | null;
  /** `accuracy`, `balancedAccuracy`, `auc` of P(female). */
  readonly gender: Section | null;
}

/** The groups of a column. */
export interface Grouping {
  readonly column: string;
  readonly parts: readonly Part[];
  /** Faces without a value in the column. */
  readonly unknown: number;
  /** The groups with the largest and the smallest mean absolute error among those with enough faces; null if there are fewer than two. */
  readonly worst: string | null;
  readonly best: string | null;
}

/** A point of a ROC curve, both in 0..1. */
export type RocPoint = readonly [falsePositiveRate: number, truePositiveRate: number];

/** Age groups, or genders, as classes. */
export interface Classification {
  /** How a face's class is predicted: the most probable one, or that of the decoded age. */
  readonly by: 'probability' | Decoding;
  readonly labels: readonly string[];
  /** The share of labelled faces whose label fits several classes: predicting any of them counts as right. */
  readonly ambiguousShare: number;
  /** Those of `matrixFigures`, and the areas under the curve (`macroAuc`, `microAuc`) over faces with one right class. */
  readonly figures: Section;
  /** `[true][predicted]` */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly {
    readonly label: string;
    readonly n: number;
    readonly figures: Readonly<Record<'precision' | 'recall' | 'f1' | 'auc', Figure>>;
    /** The class against the rest, from (0, 0) to (1, 1), if there are probabilities and both sides have faces. */
    readonly roc?: readonly RocPoint[];
  }[];
  /**
   * Of more than two classes with probabilities: the mean true positive rate of the classes' curves at each false positive rate,
   * and the curve over all pairs of a face and a class.
   */
  readonly averageRocs?: Readonly<Record<'macro' | 'micro', readonly RocPoint[]>>;
}

/** The reliability of P(age ≥ threshold): how often it is true, by its predicted value. */
export interface Reliability {
  readonly threshold: number;
  readonly bins: readonly {
    readonly from: number;
    readonly to: number;
    readonly n: number;
    readonly predicted: number | null;
    readonly true: number | null;
  }[];
  /** `calibrationError` over these bins; `auc`. */
  readonly figures: Section;
}

/** An age check of some faces by one decoding. Faces that were not found are referred. */
export interface Check {
  readonly column: string | null;
  readonly name: string;
  readonly threshold: number;
  readonly decoding: Decoding;
  /** The minimum age in years of the faces counted, 0 for all. */
  readonly youngest: number;
  readonly minors: number;
  readonly adults: number;
  /** The minors and the adults that were not found. */
  readonly minorsNotFound: number;
  readonly adultsNotFound: number;
  /** The shares at each challenge age in years: of minors who pass, of adults who are referred. */
  readonly challenges: readonly number[];
  readonly falsePositive: readonly Figure[];
  readonly falseNegative: readonly Figure[];
  /** The share of minors estimated at the threshold or older. */
  readonly falseAdultRate: Figure;
  /** Those at least as old as the usual challenge age, 7 years above the threshold, and the share of them referred; null if there are none, and in groups. */
  readonly older: { readonly age: number; readonly faces: number; readonly referred: Figure } | null;
  /** The lowest challenge age that meets a rate on these faces, and the one that meets it for all minors with this confidence. */
  readonly wanted: readonly {
    readonly rate: number;
    readonly challenge: Figure;
    readonly sureChallenge: number | null;
    readonly confidence: number;
  }[];
}

/** Counts of faces by true and estimated age. */
export interface Density {
  /** A cell's width and height in years. */
  readonly cellYears: number;
  /** The cells with faces, by their lower edges in years. */
  readonly cells: readonly (readonly [age: number, estimate: number, faces: number])[];
}

/** Errors in years of the faces whose known age is at least `from` and less than `to`. */
export interface AgeErrors {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly mae: Figure;
  readonly bias: Figure;
}

/** A face with a large error. */
export interface WorstFace {
  /** Its index among the faces evaluated. */
  readonly face: number;
  /** Its picture's path inside the data set, if known. */
  readonly file?: string;
  /** Both ends of its label, in years. */
  readonly low: number;
  readonly high: number;
  readonly estimate: number;
  /** The distance to the label in years; above 0 if estimated too old. */
  readonly error: number;
}

/** How far predictions move if faces are changed. */
export interface Robustness {
  /** The number of faces, and of persons among them. */
  readonly faces: number;
  readonly units: number;
  /** Their mean absolute error without a change, in years. */
  readonly plain: Figure;
  readonly curves: readonly {
    /** A name of `CHANGE_KINDS`. */
    readonly kind: string;
    /** The mean absolute error at each level, and its difference from that without a change. */
    readonly levels: readonly { readonly level: number; readonly mae: Figure; readonly change: Figure }[];
  }[];
  /** Over the flipped and shifted views of one face, averaged over faces: standard deviation and range of ages, and the distance of the mirror image. */
  readonly views: {
    readonly count: number;
    readonly deviation: Figure;
    readonly range: Figure;
    readonly flip: Figure;
  };
}

/** The number of faces in one cell of age band, gender and race; null stands for unknown. */
export interface FaceCount {
  readonly ageBand: string | null;
  readonly gender: Gender | null;
  readonly race: string | null;
  readonly faces: number;
}

/** The models and the data of an evaluation. */
export interface EvaluationOrigin {
  /** The model's name, or `ensemble` for the mean of several. */
  readonly name: string;
  readonly models: readonly PredictedModel[];
  readonly data: PicturesOrigin;
  /** Whether pictures were used as faces already cropped; otherwise the detector found each face. */
  readonly cropped: boolean;
  /** Whether predictions are the mean over each face and its mirror image. */
  readonly flip: boolean;
  /** Pictures that could not be read, which count in no figure, each with the reason in a sentence. */
  readonly unreadable: readonly { readonly file: string; readonly problem: string }[];
  /** What the reader of the data set left out, a sentence each. */
  readonly leftOut: readonly string[];
  /** Cautions for readers of the figures, a sentence each. */
  readonly notes: readonly string[];
}

export interface Evaluation {
  readonly formatVersion: typeof EVALUATION_VERSION;
  /** Absent if bare rows were evaluated. */
  readonly origin?: EvaluationOrigin;
  /**
   * How the intervals were made: percentile bootstrap over persons or faces. A share of 0 or 1 is the same in every draw, so
   * that its interval is Clopper and Pearson's over these.
   */
  readonly bootstrap: {
    readonly draws: number;
    readonly seed: number;
    readonly confidence: number;
    readonly unit: 'identity' | 'face';
    readonly units: number;
  };
  readonly all: Part;
  /** The interval of a calibrated model: `coverage`, the share of known ages inside, and `width` in years. */
  readonly interval?: ConformalInterval & { readonly figures: Section };
  readonly groups: readonly Grouping[];
  /** By the name of the class set. */
  readonly classes: Readonly<Record<string, readonly Classification[]>>;
  readonly gender: (Classification & { readonly threshold: number }) | null;
  readonly reliability: readonly Reliability[];
  readonly checks: readonly Check[];
  /** The shares of teenagers (`inside`) and of others (`into`) estimated as teenagers, by decoding. */
  readonly teenagers: Readonly<
    Partial<Record<Decoding, { readonly from: number; readonly to: number; readonly figures: Section }>>
  >;
  /** Over faces of known ages. */
  readonly density: Readonly<Partial<Record<Decoding, Density>>>;
  readonly errorsByAge: Readonly<Partial<Record<Decoding, readonly AgeErrors[]>>>;
  /** The largest errors first: of means, or of medians if there are no means. */
  readonly worst: readonly WorstFace[];
  /** Over all faces, found or not, the youngest first. */
  readonly counts: readonly FaceCount[];
  /** Absent if it was not requested. */
  readonly robustness?: Robustness;
}
