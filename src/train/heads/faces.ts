/** Faces as inputs of the step that trains a head. */
import { type AgeClass, type AgeLabel, ageRange, ageTarget, classAges } from '../../age/index.js';
import { softmax } from '../../metadata/index.js';
import { floatTensor, type Tensors } from '../../runtime/index.js';
import type { HeadView, Layer } from './network.js';
import { FEATURES, LOGITS, TARGETS } from './step.js';

/** A face to train on or to measure with. */
export interface HeadSample extends HeadView {
  /** The same for its mirror image; used for training only. */
  readonly mirrored?: HeadView;
  readonly label: AgeLabel;
}

/** From features to those that the step takes: (features − mean) · scale. */
export interface Standardization {
  readonly mean: Float64Array;
  readonly scale: number;
}

/**
 * Of zero mean and, over all features together, unit length on average. Features of a network are never negative: without
 * it a change that fits one face would change all others as much.
 */
export function standardization(views: readonly LabelledView[], width: number): Standardization {
  const mean = new Float64Array(width);
  for (const { features } of views.map(({ view }) => view)) {
    for (let i = 0; i < width; i++) mean[i]! += features[i]! / views.length;
  }
  let square = 0;
  for (const { features } of views.map(({ view }) => view)) {
    for (let i = 0; i < width; i++) square += (features[i]! - mean[i]!) ** 2 / views.length;
  }
  return { mean, scale: square > 0 ? 1 / Math.sqrt(square) : 1 };
}

/** A layer for features as they are, changed by one for standardized features. */
export function foldedLayer({ weight, bias }: Layer, change: Layer, { mean, scale }: Standardization): Layer {
  const classes = bias.length;
  const folded = Float64Array.from(bias, (b, k) => b + change.bias[k]!);
  for (let i = 0; i < change.weight.length; i++) {
    folded[i % classes]! -= scale * mean[Math.floor(i / classes)]! * change.weight[i]!;
  }
  return {
    weight: weight.map((w, i) => w + scale * change.weight[i]!),
    bias: Float32Array.from(folded),
  };
}

/** A view of a face, and its label. */
export interface LabelledView {
  readonly view: HeadView;
  readonly label: AgeLabel;
}

/** Views of faces, one after another. */
export class Faces {
  readonly count: number;
  private readonly targets: readonly Float32Array[];
  private readonly ranges: readonly (readonly [low: number, high: number])[];
  /** The mean entropy of the labels, in nats. */
  private readonly entropy: number;

  constructor(
    private readonly views: readonly LabelledView[],
    private readonly classes: readonly AgeClass[],
    private readonly standard: Standardization,
  ) {
    this.count = views.length;
    this.targets = views.map(({ label }) => ageTarget(classes, label));
    this.ranges = views.map(({ label }) => ageRange(classes, label));
    const entropies = this.targets.map((target, i) => ('from' in views[i]!.label ? 0 : entropyOf(target)));
    this.entropy = meanOf(entropies);
  }

  /** The inputs of a step. */
  batch(chosen: readonly number[]): Tensors {
    const { mean, scale } = this.standard;
    const rows = (name: string, width: number, fill: (i: number, row: Float32Array) => void) => {
      const values = new Float32Array(chosen.length * width);
      for (const [row, i] of chosen.entries()) fill(i, values.subarray(row * width, (row + 1) * width));
      return [name, floatTensor(values, [chosen.length, width])] as const;
    };
    const count = this.classes.length;
    return Object.fromEntries([
      rows(FEATURES, mean.length, (i, row) => {
        const { features } = this.views[i]!.view;
        for (let k = 0; k < row.length; k++) row[k] = (features[k]! - mean[k]!) * scale;
      }),
      rows(LOGITS, count, (i, row) => row.set(this.views[i]!.view.logits)),
      rows(TARGETS, count, (i, row) => row.set(this.targets[i]!)),
    ]);
  }

  /**
   * Of all faces in order: the mean Kullback-Leibler divergence of the estimates from the labels, which is the cross-entropy
   * less the labels' own entropy, and the mean absolute error in years.
   */
  figures(crossEntropy: number, logits: Float32Array): { readonly loss: number; readonly mae: number } {
    const ages = classAges(this.classes);
    const errors = this.ranges.map(([low, high], i) => {
      const probabilities = softmax(logits.subarray(i * ages.length, (i + 1) * ages.length));
      const age = probabilities.reduce((sum, p, k) => sum + p * ages[k]!, 0);
      return Math.max(0, low - age, age - high);
    });
    return { loss: crossEntropy - this.entropy, mae: meanOf(errors) };
  }
}

const entropyOf = (probabilities: Float32Array): number =>
  probabilities.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
