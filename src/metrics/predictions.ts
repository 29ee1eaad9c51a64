/** Accumulates the predictions of a network during training, for the figures of an epoch. */
import {
  type AgeClass,
  type AgeLabel,
  BAND_STARTS,
  bandName,
  bandOf,
  classAges,
  classLabel,
  GENDERS,
  type Gender,
} from '../age/index.js';
import { yearsOff } from './age-errors.js';
import { mainClass, nearestClass, rightClasses } from './classes.js';
import { meanAndDeviation } from './measure.js';
import type { Figures } from './types.js';

/** How the predicted distribution depends on the true age. */
export interface Separation {
  /** Each true age class that occurs, its number of faces and their mean predicted distribution over the classes. */
  readonly classes: readonly {
    readonly label: string;
    readonly count: number;
    readonly mean: readonly number[];
  }[];
  /** The labels of the predicted classes. */
  readonly labels: readonly string[];
  /** The predicted distribution of one face, the same each time; absent if no face has an age in years. */
  readonly face?: { readonly age: number; readonly probabilities: readonly number[] };
}

/** Counts by true class (row) and predicted class (column), in the order of `labels`. */
export interface Confusion {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** The age in years of the face whose distribution is kept: the first of those nearest to it. */
const MIDDLE = 40;

/** A matrix of more classes would be unreadable: ages then fall into bands. */
const MOST_CLASSES = 20;

/** Predictions batch by batch, kept as sums and two short lists. */
export class Predictions {
  private readonly ages: Float32Array;
  private readonly expected: number[] = [];
  private readonly labels: AgeLabel[] = [];
  private face: NonNullable<Separation['face']> | undefined;
  private readonly sums: Float64Array[];
  private readonly counts: number[];
  private error = 0;
  private exactError = 0;
  private exact = 0;
  private rightClasses = 0;
  private genders = 0;
  private rightGenders = 0;
  private readonly banded: boolean;
  private readonly ageConfusion: Confusion & { readonly counts: number[][] };
  private readonly genderConfusion = noConfusion(GENDERS);

  constructor(private readonly classes: readonly AgeClass[] = []) {
    this.ages = classAges(classes);
    this.banded = classes.length > MOST_CLASSES;
    this.ageConfusion = noConfusion(
      this.banded ? BAND_STARTS.map((_, band) => bandName(band)) : classes.map(classLabel),
    );
    this.sums = classes.map(() => new Float64Array(classes.length));
    this.counts = classes.map(() => 0);
  }

  /** @param probabilities `[N, K]` */
  addAges(probabilities: Float32Array, labels: readonly (AgeLabel | undefined)[]): void {
    const count = this.classes.length;
    labels.forEach((label, i) => {
      if (label === undefined) return;
      const row = probabilities.subarray(i * count, (i + 1) * count);
      const expected = row.reduce((sum, p, k) => sum + p * this.ages[k]!, 0);
      const likeliest = row.reduce((best, p, k) => (p > row[best]! ? k : best), 0);
      this.expected.push(expected);
      this.labels.push(label);
      const error = yearsOff(expected, label);
      this.error += error;
      if (!('from' in label)) {
        this.exactError += error;
        this.exact++;
        if (this.face === undefined || Math.abs(label.age - MIDDLE) < Math.abs(this.face.age - MIDDLE)) {
          this.face = { age: label.age, probabilities: [...row] };
        }
      }
      const truth = nearestClass(rightClasses(this.classes, label), likeliest);
      if (truth === likeliest) this.rightClasses++;
      const own = mainClass(this.classes, label);
      if (this.banded) {
        const band = bandOf({ age: expected });
        this.ageConfusion.counts[error === 0 ? band : bandOf(label)]![band]!++;
      } else this.ageConfusion.counts[truth]![likeliest]!++;
      this.counts[own]!++;
      for (let k = 0; k < count; k++) this.sums[own]![k]! += row[k]!;
    });
  }

  /** @param probabilities `[N, 2]`, of `GENDERS` */
  addGenders(probabilities: Float32Array, labels: readonly (Gender | undefined)[]): void {
    labels.forEach((label, i) => {
      if (label === undefined) return;
      this.genders++;
      const predicted = probabilities[2 * i + 1]! > probabilities[2 * i]! ? 1 : 0;
      if (GENDERS[predicted] === label) this.rightGenders++;
      this.genderConfusion.counts[GENDERS.indexOf(label)]![predicted]!++;
    });
  }

  /**
   * `mae` in years, where the error for an interval is the distance to it; `exactMae`, over exact labels alone, if there
   * are both kinds; `accuracy`, the share whose most probable class is right for the label; `gender`, the share of right
   * genders; `spread`, the standard deviation of estimates over that of labels: near 0 if all estimates are alike.
   */
  figures(): Figures {
    const count = this.labels.length;
    const truth = this.labels.map((label) => ('from' in label ? (label.from + label.to) / 2 : label.age));
    return {
      ...(count > 0 && {
        mae: this.error / count,
        ...(this.exact > 0 && this.exact < count && { exactMae: this.exactError / this.exact }),
        accuracy: this.rightClasses / count,
        spread: meanAndDeviation(this.expected).deviation / meanAndDeviation(truth).deviation,
      }),
      ...(this.genders > 0 && { gender: this.rightGenders / this.genders }),
    };
  }

  /** The mean predicted distribution of the faces of each true class, and that of one face. */
  separation(): Separation {
    const labels = this.classes.map(classLabel);
    const classes = this.counts.flatMap((count, k) =>
      count === 0
        ? []
        : [{ label: labels[k]!, count, mean: Array.from(this.sums[k]!, (sum) => sum / count) }],
    );
    return { classes, labels, ...(this.face && { face: this.face }) };
  }

  /**
   * Confusion matrices: ages by their most probable class, or by the band of the expected age if there are many classes;
   * genders by the more probable one. A matrix without labels is left out.
   */
  confusions(): { readonly age?: Confusion; readonly gender?: Confusion } {
    return {
      ...(this.labels.length > 0 && { age: this.ageConfusion }),
      ...(this.genders > 0 && { gender: this.genderConfusion }),
    };
  }

  /** The mean predicted age in years. */
  get meanAge(): number {
    return meanAndDeviation(this.expected).mean;
  }
}

const noConfusion = (labels: readonly string[]) => ({
  labels,
  counts: labels.map(() => labels.map(() => 0)),
});
