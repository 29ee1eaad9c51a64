/** Heads: from a network's features to predictions. */
import { AgewiseError, type ErrorKind } from '../errors/index.js';
import { float32, type Value } from '../onnx/index.js';
import type { Layers } from './layers.js';
import type { Branch, HeadInitial, NetworkEnd } from './types.js';
import type { Initial } from './weights.js';

/** Small initial weights, so that a new head starts near a uniform prediction. */
const SMALL: Initial = { kind: 'normal', deviation: 0.01 };
const ZERO: Initial = { kind: 'constant', value: 0 };

export interface HeadOptions {
  /** True if left out. */
  readonly bias?: boolean;
  /** The scope of its parameters. */
  readonly name: string;
  /** The initial weights for the given numbers of inputs and outputs; small ones by default. */
  readonly initial?: HeadInitial | undefined;
}

/** Thrown if a head does not fit the network's end. */
export class HeadError extends AgewiseError {
  override readonly name = 'HeadError';
  static override readonly kind: ErrorKind = 'usage';
}

/**
 * Logits `[N, outputs]`; their softmax is the distribution over classes. With several branches, each has its own layer,
 * and the result is the log of the weighted mean of their softmaxes, whose softmax is that mean.
 * @throws HeadError for a network that ends with an age.
 */
export function classificationHead(l: Layers, end: NetworkEnd, outputs: number, options: HeadOptions): Value {
  const { bias = true, name, initial = () => SMALL } = options;
  const layer = (features: Value, scope: string) =>
    l.dense(features, scope, outputs, { bias, initial: initial(features.size(1), outputs) });
  if ('expectation' in end) {
    throw new HeadError(`Head '${name}' needs features, but the network ends with an age`);
  }
  if ('dtype' in end) return layer(end, name);
  const parts = end.map((branch) => {
    const logs = l.g.op('LogSoftmax', [layer(branch.features, `${name}.${branch.name}`)], { axis: 1 });
    return l.g.op('Unsqueeze', [logs, l.g.ints([1])]);
  });
  const shares = l.g.parameter(sharesOf(name), 'float32', [1, end.length, 1], branchShares(end));
  const joined = l.g.op('Add', [l.g.op('Concat', parts, { axis: 1 }), shares]);
  const largest = l.g.op('ReduceMax', [joined, l.g.ints([1])], { keepdims: 1 });
  const sum = l.g.op('ReduceSum', [l.g.op('Exp', [l.g.op('Sub', [joined, largest])]), l.g.ints([1])], {
    keepdims: 0,
  });
  return l.g.op('Add', [l.g.op('Log', [sum]), l.g.op('Squeeze', [largest, l.g.ints([1])])]);
}

/** The constant with the logs of the branches' shares, `[1, branches, 1]`, by the name of a head: a stage may have others. */
export const sharesOf = (head: string): string => `${head}.shares`;

/** Represents the log of 0, for which infinity would become NaN. */
const LOG_OF_ZERO = -1e30;

/**
 * The logs of branches' shares, which sum to 1.
 * @param chosen the branches that count, by name, those of share 0 among them as much as those of share 1; all if left out
 */
export function branchShares(
  branches: readonly Pick<Branch, 'name' | 'share'>[],
  chosen?: readonly string[],
): Float32Array {
  const shares = branches.map(({ name, share }) => {
    if (chosen === undefined) return share;
    return chosen.includes(name) ? share || 1 : 0;
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  return Float32Array.from(shares, (share) => (share === 0 ? LOG_OF_ZERO : Math.log(share / total)));
}

/** The scale, in years, of the logistic age distribution that a new ordinal head starts with. */
const UNSURE = 3;

/**
 * Ordinal logits `[N, K]`, one for each binary task "above that age?", with shared weights and separate biases (Cao et
 * al., Pattern Recognition Letters 2020, CORAL). Biases are offsets from those of a logistic distribution around
 * `start`: from zero they would need thousands of updates to spread as far.
 * @param bounds the ages between one class and the next, ascending
 * @param start the age that a new head predicts, in years
 * @throws HeadError for a network that does not end with plain features.
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
  const offset = l.g.op('Add', [biases, l.g.constant(float32('', [bounds.length], logistic))]);
  return l.g.op('Add', [shared, offset]);
}

/**
 * An age in years, `[N, 1]`: the network's own if it ends with an age, else a linear function of the features.
 * @param start the age that a new head predicts, in years
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
