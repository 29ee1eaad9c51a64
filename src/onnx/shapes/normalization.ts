/** Operators that keep their input's shape: normalisations, softmax, dropout. */
import type { Dim } from '../graph.js';
import { formatShape, type Known, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { same } from './dims.js';

const like: Rule = (c) => one({ dtype: c.dtype(0), shape: c.shape(0) });

/** Checks that inputs `from`..`to` have one number per channel; returns the number of channels. */
function checkChannels(c: ShapeContext, from: number, to: number): Dim {
  let channels: Dim = c.shape(0)?.[1] ?? null;
  for (let i = from; i <= to; i++) {
    if (!c.has(i)) continue;
    const size: Dim | undefined = same(channels, c.shapeOfRank(i, 1)?.[0] ?? null);
    if (size === undefined) {
      c.fail(`input ${i} of ${formatShape(c.shape(i))} does not fit ${channels} channels`);
    }
    channels = size;
  }
  return channels;
}

/** Further outputs, each `[C]`: running mean and variance, and before opset 14 the batch's own too. */
const batchNormalization: Rule = (c): readonly Known[] => {
  const channels = checkChannels(c, 1, 4);
  const extra = c.node.outputs
    .slice(1)
    .map((_, i): Known => ({ dtype: c.dtype(3 + (i % 2)), shape: [channels] }));
  return [{ dtype: c.dtype(0), shape: c.shape(0) }, ...extra];
};

const perChannel: Rule = (c) => {
  checkChannels(c, 1, 2);
  return like(c);
};

/** Outputs: y, and the mean and inverse deviation with the normalised axes at size 1. */
const layerNormalization: Rule = (c): readonly Known[] => {
  const shape = c.shape(0);
  const first = shape && c.axis(c.int('axis', -1), shape.length);
  const stash = shape?.map((d, i) => (i < first! ? d : 1));
  const dtype = c.int('stash_type', 1) === 1 ? 'float32' : c.dtype(0);
  return [
    { dtype: c.dtype(0), shape },
    { dtype, shape: stash },
    { dtype, shape: stash },
  ];
};

const axisSoftmax: Rule = (c) => {
  const shape = c.shape(0);
  if (shape) c.axis(c.int('axis', -1), shape.length);
  return like(c);
};

/** The mask is bool since opset 10, before that of the input's own type. */
const dropout: Rule = (c): readonly Known[] => [
  { dtype: c.dtype(0), shape: c.shape(0) },
  { dtype: c.opset >= 10 ? 'bool' : c.dtype(0), shape: c.shape(0) },
];

export const normalization: Rules = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: perChannel,
  // Scale and bias are per group before opset 21 and per channel since.
  GroupNormalization: like,
  LayerNormalization: layerNormalization,
  RMSNormalization: like,
  LRN: like,
  LpNormalization: like,
  MeanVarianceNormalization: like,
  Softmax: axisSoftmax,
  LogSoftmax: axisSoftmax,
  Hardmax: axisSoftmax,
  Dropout: dropout,
};
