/** Mean and variance of each channel, found once for a value that several nodes normalise by. */
import { type GraphBuilder, isOp, type Node, type Value } from '../../../onnx/index.js';
import type { BlockedGraph } from '../graph.js';
import { affine, channelProducts, channelSums } from '../kernels/channels.js';
import type { BlockedValue } from '../value.js';
import { filledVector } from './vectors.js';

export interface Moments {
  /** The value as stored, `[N, C, H, W]` in the layout `channels`: minus a shift if there is one. */
  readonly x: Value;
  /** `[C]`, of the value as stored. */
  readonly mean: Value;
  /** `[C]`, of the population. */
  readonly variance: Value;
  /** `[C]`, of the original value. */
  readonly trueMean: Value;
}

/** Whether a reader of x only normalises it, so that a shift of x does not matter. */
function normalises(graph: BlockedGraph, { name }: BlockedValue, node: Node): boolean {
  const others = node.inputs.filter((input) => input === name).length !== 1;
  if (others) return false;
  if (isOp(node, 'BatchNormalization')) return node.inputs[0] === name;
  if (isOp(node, 'agewise.BatchStatistics')) return true;
  const [, x, , mean = ''] = node.inputs;
  return isOp(node, 'agewise.BatchNormGradient') && x === name && isStatisticsOf(graph.value(mean), name);
}

/** Whether a value was made by BatchStatistics of `name`. */
export const isStatisticsOf = ({ usage: { maker } }: BlockedValue, name: string): boolean =>
  maker !== undefined && isOp(maker, 'agewise.BatchStatistics') && maker.inputs[0] === name;

const known = new WeakMap<BlockedValue, Moments>();

export const knownMoments = (value: BlockedValue): Moments | undefined => known.get(value);

/**
 * The moments of a value in the layout `channels`. E[x²] − E[x]² loses precision if the mean is large compared with the
 * deviation. So if x comes from a convolution and is only normalised, that convolution subtracts the running mean as
 * its bias, at no cost; otherwise squares are taken of x minus its mean.
 */
export function momentsOf(graph: BlockedGraph, value: BlockedValue, runningMean?: BlockedValue): Moments {
  const found = known.get(value);
  if (found !== undefined) return found;
  const shifted = value.deferred?.shifted;
  const shiftable = value.usage.readers?.every((node) => normalises(graph, value, node)) ?? false;
  const moments =
    shifted !== undefined && shiftable && runningMean !== undefined
      ? shiftedMoments(graph, value, shifted, runningMean)
      : centredMoments(graph, value);
  known.set(value, moments);
  return moments;
}

/** The moments of a convolution's output, with the running mean subtracted in it. */
function shiftedMoments(
  graph: BlockedGraph,
  value: BlockedValue,
  shifted: (shift: Value) => Value,
  runningMean: BlockedValue,
): Moments {
  const { g } = graph;
  const shift = filledVector(graph, runningMean, value.blockable![1]);
  const x = shifted(g.op('Neg', [shift]));
  value.set('channels', () => affine(g, x, ones(g, x), shift));
  const mean = perElement(g, channelSums(g, x), x);
  const squares = perElement(g, channelProducts(g, x, x), x);
  const variance = g.op('Relu', [g.op('Sub', [squares, g.op('Mul', [mean, mean])])]);
  return { x, mean, variance, trueMean: g.op('Add', [mean, shift]) };
}

function centredMoments({ g }: BlockedGraph, value: BlockedValue): Moments {
  const x = value.in('channels');
  const mean = perElement(g, channelSums(g, x), x);
  const centred = affine(g, x, ones(g, x), g.op('Neg', [mean]));
  const variance = perElement(g, channelProducts(g, centred, centred), x);
  return { x, mean, variance, trueMean: mean };
}

const ones = (g: GraphBuilder, x: Value): Value => g.op('Expand', [g.scalar(1), g.ints([x.size(1)])]);

/** Sums over batch and positions of x as means. */
const perElement = (g: GraphBuilder, sums: Value, x: Value): Value =>
  g.op('Mul', [sums, g.scalar(1 / (x.size(0) * x.size(2) * x.size(3)))]);
