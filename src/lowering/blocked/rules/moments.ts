/** Mean and variance of each channel, found once for a value that several nodes normalise by. */
import type { Node, Value } from '../../../onnx/index.js';
import type { Blocking, Moments } from '../blocking.js';
import type { Relu } from '../kernels/operators.js';
import { conv, globalAveragePool, sizesOf, unitWindow } from '../kernels/operators.js';

/** Σ over batch and positions of each channel: `[C]`. */
export function channelSums(b: Blocking, x: Value): Value {
  const { g } = b;
  const [, c, h, w] = sizesOf(x);
  const means = g.reshape(globalAveragePool(g, x), [-1, c]);
  return g.op('Mul', [g.op('ReduceSum', [means, g.ints([0])], { keepdims: 0 }), g.scalar(h * w)]);
}

/** Σ over batch and positions of x·y, of each channel: `[C]`. Every plane is a group, y its weights. */
export function channelProducts(b: Blocking, x: Value, y: Value): Value {
  const { g } = b;
  const [n, c, h, w] = sizesOf(x);
  const planes = conv(g, g.reshape(x, [1, n * c, h, w]), g.reshape(y, [n * c, 1, h, w]), unitWindow(h, w), {
    group: n * c,
  });
  return g.op('ReduceSum', [g.reshape(planes, [n, c]), g.ints([0])], { keepdims: 0 });
}

/** x·factor + offset (+ sum, relu) with factor and offset `[C]`, in one pass. */
export function affine(
  b: Blocking,
  x: Value,
  factor: Value,
  offset: Value,
  epilogue: { readonly sum?: Value | undefined; readonly relu?: Relu | undefined } = {},
): Value {
  const c = x.size(1);
  const weights = b.g.reshape(factor, [c, 1, 1, 1]);
  return conv(b.g, x, weights, unitWindow(), { bias: offset, ...epilogue, group: c });
}

const DOMAIN = 'agewise';

/** Whether a reader of x takes part in its normalisation alone, which no shift of x changes. */
function normalises(b: Blocking, name: string, node: Node): boolean {
  const others = node.inputs.filter((input) => input === name).length !== 1;
  if (others) return false;
  if (node.op === 'BatchNormalization' && node.domain === '') return node.inputs[0] === name;
  if (node.op === 'BatchStatistics' && node.domain === DOMAIN) return true;
  return (
    node.op === 'BatchNormGradient' &&
    node.domain === DOMAIN &&
    node.inputs[1] === name &&
    isStatisticsOf(b, node.inputs[3], name)
  );
}

/** Whether a value was made by BatchStatistics of `name`. */
export function isStatisticsOf(b: Blocking, statistics: string | undefined, name: string): boolean {
  const maker = b.maker(statistics ?? '');
  return maker?.op === 'BatchStatistics' && maker.domain === DOMAIN && maker.inputs[0] === name;
}

/**
 * The moments of a value that the layout `channels` holds. E[x²] − E[x]² loses its digits where the mean is large
 * beside the deviation. So where x comes from a convolution and is only normalised, the running mean is taken off in
 * that convolution, as its bias, which costs nothing; elsewhere the squares are taken of x less its mean.
 */
export function momentsOf(b: Blocking, name: string, runningMean?: string): Moments {
  const known = b.moments.get(name);
  if (known !== undefined) return known;
  const { g, store } = b;
  const [n, c, h, w] = store.blockable(name)!;
  const deferred = store.deferred(name);
  const shiftable = b.readersOf(name)?.every((node) => normalises(b, name, node)) ?? false;
  const count = n * h * w;
  const found = (x: Value) => g.op('Mul', [channelSums(b, x), g.scalar(1 / count)]);
  let moments: Moments;
  if (deferred?.shifted !== undefined && shiftable && runningMean !== undefined) {
    const shift = store.plain(runningMean);
    const x = deferred.shifted(g.op('Neg', [shift]));
    store.set(name, 'channels', () => affine(b, x, g.op('Expand', [g.scalar(1), g.ints([c])]), shift));
    const mean = found(x);
    const squares = g.op('Mul', [channelProducts(b, x, x), g.scalar(1 / count)]);
    const variance = g.op('Relu', [g.op('Sub', [squares, g.op('Mul', [mean, mean])])]);
    moments = { x, mean, variance, trueMean: g.op('Add', [mean, shift]) };
  } else {
    const x = store.in(name, 'channels');
    const mean = found(x);
    const ones = g.op('Expand', [g.scalar(1), g.ints([c])]);
    const centred = affine(b, x, ones, g.op('Neg', [mean]));
    const variance = g.op('Mul', [channelProducts(b, centred, centred), g.scalar(1 / count)]);
    moments = { x, mean, variance, trueMean: mean };
  }
  b.moments.set(name, moments);
  return moments;
}
