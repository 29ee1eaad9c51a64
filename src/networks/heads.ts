/** Heads: from a network's features to what is said of a face. */
import { AgewiseError, type ErrorKind } from '../errors/index.js';
import { float32, type Value } from '../onnx/index.js';
import type { Layers } from './layers.js';
import type { NetworkEnd } from './types.js';
import type { Initial } from './weights.js';

/** Small first weights, so that a new head begins close to saying nothing. */
const SMALL: Initial = { kind: 'normal', deviation: 0.01 };
const ZERO: Initial = { kind: 'constant', value: 0 };

export interface HeadOptions {
  /** True if left out. */
  readonly bias?: boolean;
  /** The scope of its parameters. */
  readonly name: string;
}

/** Thrown where a network's end and a head do not fit. */
export class HeadError extends AgewiseError {
  override readonly name = 'HeadError';
  static override readonly kind: ErrorKind = 'usage';
}

/**
 * Logits `[N, outputs]`; their softmax is the distribution over classes. Of several branches each has a layer of its own, and
 * the result is the logarithm of their softmaxes' mean by shares, whose softmax is that mean.
 * @throws HeadError for a network that ends with an age.
 */
export function classificationHead(l: Layers, end: NetworkEnd, outputs: number, options: HeadOptions): Value {
  const { bias = true, name } = options;
  const layer = (features: Value, scope: string) =>
    l.dense(features, scope, outputs, { bias, initial: SMALL });
  if ('expectation' in end) {
    throw new HeadError(`Head '${name}' needs features, but the network ends with an age`);
  }
  if ('dtype' in end) return layer(end, name);
  const total = end.reduce((sum, branch) => sum + branch.share, 0);
  const parts = end.map((branch) => {
    const logs = l.g.op('LogSoftmax', [layer(branch.features, `${name}.${branch.name}`)], { axis: 1 });
    return l.g.op('Unsqueeze', [
      l.g.op('Add', [logs, l.g.scalar(Math.log(branch.share / total))]),
      l.g.ints([1]),
    ]);
  });
  const joined = l.g.op('Concat', parts, { axis: 1 });
  const largest = l.g.op('ReduceMax', [joined, l.g.ints([1])], { keepdims: 1 });
  const sum = l.g.op('ReduceSum', [l.g.op('Exp', [l.g.op('Sub', [joined, largest])]), l.g.ints([1])], {
    keepdims: 0,
  });
  return l.g.op('Add', [l.g.op('Log', [sum]), l.g.op('Squeeze', [largest, l.g.ints([1])])]);
}

/** The scale of the logistic distribution of ages that a new ordinal head begins with, in years. */
const UNSURE = 3;

/**
 * Ordinal logits `[N, K]`, one for each question "above that age?": one weight for each feature, shared by all, and a
 * bias for each (Cao et al., Pattern Recognition Letters 2020, CORAL). Biases are counted from those of a logistic
 * distribution about `start`: from zero they would take thousands of updates to come apart as far.
 * @param bounds the ages that are asked about, between one class and the next, ascending
 * @param start the age that a new head begins with, in years
 * @throws HeadError for a network that ends otherwise than with features alone.
 */
export function ordinalHead(
  l: Layers,
  end: NetworkEnd,
  bounds: readonly number[],
  start: number,
  { name }: HeadOptions,
): Value {
  const shared = l.dense(soleFeatures(end, name), name, 1, { bias: false, initial: SMALL });
  const biases = l.scope(name, () => l.parameter('biases', [bounds.length], ZERO));
  const logistic = bounds.map((age) => (start - age) / UNSURE);
  const begun = l.g.op('Add', [biases, l.g.constant(float32('', [bounds.length], logistic))]);
  return l.g.op('Add', [shared, begun]);
}

/**
 * An age in years, `[N, 1]`: that of a network which ends with one, else a linear function of the features.
 * @param start the age that a new head begins with, in years
 * @throws HeadError for a network with several branches.
 */
export function regressionHead(l: Layers, end: NetworkEnd, start: number, { name }: HeadOptions): Value {
  if ('expectation' in end) return end.expectation;
  const linear = l.dense(soleFeatures(end, name), name, 1, { bias: false, initial: SMALL });
  const shift = l.scope(name, () => l.parameter('bias', [1], { kind: 'constant', value: start }));
  return l.g.op('Add', [linear, shift]);
}

function soleFeatures(end: NetworkEnd, head: string): Value {
  if ('dtype' in end) return end;
  const found = 'expectation' in end ? 'an age' : `${end.length} branches`;
  throw new HeadError(`Head '${head}' needs one list of features, but the network ends with ${found}`);
}
