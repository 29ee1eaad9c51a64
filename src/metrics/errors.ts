/** How far predictions lie from labels. */
import { type AgeClass, type AgeLabel, ageTarget } from '../age/index.js';

/** How far an age lies outside its label, in years: 0 inside an interval. The true age counts, older than any class or not. */
export function yearsOff(predicted: number, label: AgeLabel): number {
  const [low, high] = 'from' in label ? [label.from, label.to] : [label.age, label.age];
  return Math.max(0, predicted - high, low - predicted);
}

/**
 * The classes that are right for a label, by their places. For an interval these are all that it covers more than half
 * of, and any that holds half of its years or more, so that classes may be cut otherwise than the labels are.
 */
export function rightClasses(classes: readonly AgeClass[], label: AgeLabel): number[] {
  const main = mainClass(classes, label);
  if (!('from' in label)) return [main];
  const oldest = classes.at(-1)!.to;
  const [low, high] = [Math.min(label.from, oldest), Math.min(label.to, oldest)];
  return classes.flatMap(({ from, to }, k) => {
    const shared = Math.min(high, to) - Math.max(low, from) + 1;
    const right = shared > (to - from + 1) / 2 || shared >= (high - low + 1) / 2;
    return right || k === main ? [k] : [];
  });
}

/** The one class that a label belongs to most, by its place; of several alike the youngest. */
export function mainClass(classes: readonly AgeClass[], label: AgeLabel): number {
  const weights = ageTarget(classes, label);
  const least = Math.max(...weights) - 1e-6;
  return weights.findIndex((weight) => weight >= least);
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
