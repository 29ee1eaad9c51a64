/** Activations, as part of the kernel that makes what they act on, and their gradients. */
import type { Value } from '../../../onnx/index.js';
import { hardSwishSlope } from '../../hard-swish-slope.js';
import { reluMask } from '../../relu-mask.js';
import { isScalar } from '../../sizes.js';
import { hardSwishSlope as blockedSlope } from '../kernels/hard-swish.js';
import type { Activation } from '../kernels/operators.js';
import type { Layout } from '../layout/layouts.js';
import type { BlockedNode, Rule } from '../node.js';
import { elementwise } from './elementwise.js';

export const relu: Rule = (c) => activate(c, { op: 'Relu' });

/** A ReLU with a ceiling, if its bounds are constants. */
export const clip: Rule = (c) => {
  const [low, high] = [scalarInput(c, 1), scalarInput(c, 2)];
  return low === 0 && high !== undefined && high > 0
    ? activate(c, { op: 'Clip', params: [low, high] })
    : elementwise(c);
};

export const hardSigmoid: Rule = (c) =>
  activate(c, { op: 'HardSigmoid', params: [c.float('alpha', 0.2), c.float('beta', 0.5)] });

export const leakyRelu: Rule = (c) => activate(c, { op: 'LeakyRelu', params: [c.float('alpha', 0.01)] });

export const sigmoid: Rule = (c) => activate(c, { op: 'Sigmoid' });

export const tanh: Rule = (c) => activate(c, { op: 'Tanh' });

function activate(c: BlockedNode, activation: Activation): boolean {
  const x = c.input(0);
  const kernel = x.usage.uses === 1 ? x.deferred : undefined;
  if (kernel === undefined) return elementwise(c);
  c.output().set('channels', kernel.finish({ activation }));
  return true;
}

/**
 * ONNX Runtime runs it as two operators, so it pays to compute a normalisation again for another reader of its result.
 */
export const hardSwish: Rule = (c) => {
  const x = c.input(0);
  if (!x.deferred?.repeatable) return activate(c, { op: 'HardSwish' });
  c.output().set('channels', x.deferred.finish({ activation: { op: 'HardSwish' } }));
  return true;
};

const scalarInput = (c: BlockedNode, i: number): number | undefined =>
  isScalar(c.inputs[i]?.sizes) ? c.numbers(i)?.[0] : undefined;

/** dy times a slope computed from the other operand, elementwise. */
const gradient =
  (slope: (c: BlockedNode, value: Value, layout: Layout) => Value): Rule =>
  (c) => {
    const { g } = c;
    const [dy, value] = [c.input(0), c.input(1)];
    const layout = [value.layout, dy.layout].find((found) => found !== undefined && found !== 'plain');
    if (layout === undefined || value.sizes4 === undefined || value.dtype !== 'float32') return false;
    c.output().set(layout, g.op('Mul', [dy.in(layout), slope(c, value.in(layout), layout)]));
    return true;
  };

/** dy where y > 0 and below the ceiling. */
export const reluGradient = gradient((c, y) =>
  reluMask(c.g, y, c.float('ceiling', Number.POSITIVE_INFINITY)),
);

export const hardSwishGradient = gradient((c, x, layout) =>
  layout === 'channels' ? blockedSlope(c, x) : hardSwishSlope(c.g, x),
);
