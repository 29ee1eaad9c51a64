/** How far predictions lie from labels. */
import { type AgeClass, type AgeLabel, ageTarget } from '../age/index.js';

/** How far an age lies outside its label, in years: 0 inside an interval. The true age counts, older than any class or not. */
export function yearsOff(predicted: number, label: AgeLabel): number {
  const [low, high] = 'from' in label ? [label.from, label.to] : [label.age, label.age];
  return Math.max(0, predicted - high, low - predicted);
}

/** The classes that a label belongs to, by their places: several for an interval. */
export function rightClasses(classes: readonly AgeClass[], label: AgeLabel): number[] {
  const weights = ageTarget(classes, label);
  const least = Math.max(...weights) - 1e-6;
  return classes.flatMap((_, k) => (weights[k]! >= least ? [k] : []));
}

/** The mean and the standard deviation of a list, both NaN where it is empty. */
export function meanAndDeviation(values: readonly number[]): {
  readonly mean: number;
  readonly deviation: number;
} {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}
