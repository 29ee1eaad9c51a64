/** Activations, as part of the kernel that makes what they act on, and their gradients. */
import type { GraphBuilder, Value } from '../../../onnx/index.js';
import { hardSwishSlope } from '../../hard-swish-slope.js';
import { reluMask } from '../../relu-mask.js';
import { isScalar } from '../../sizes.js';
import type { Activation } from '../kernels/operators.js';
import type { BlockedNode, Rule } from '../node.js';
import { elementwise } from './elementwise.js';

export const relu: Rule = (c) => activate(c, { op: 'Relu' });

/** A ReLU with a ceiling, where its bounds are constants that say so. */
export const clip: Rule = (c) => {
  const [low, high] = [scalarInput(c, 1), scalarInput(c, 2)];
  return low === 0 && high !== undefined && high > 0
    ? activate(c, { op: 'Clip', params: [low, high] })
    : elementwise(c);
};

function activate(c: BlockedNode, activation: Activation): boolean {
  const x = c.input(0);
  const kernel = x.usage.uses === 1 ? x.deferred : undefined;
  if (kernel === undefined) return elementwise(c);
  c.output().set('channels', kernel.finish({ activation }));
  return true;
}

const scalarInput = (c: BlockedNode, i: number): number | undefined =>
  isScalar(c.inputs[i]?.sizes) ? c.numbers(i)?.[0] : undefined;

/** dy times what follows from the other operand, element by element. */
const gradient =
  (slope: (g: GraphBuilder, value: Value, c: BlockedNode) => Value): Rule =>
  (c) => {
    const { g } = c;
    const [dy, value] = [c.input(0), c.input(1)];
    const layout = [value.layout, dy.layout].find((found) => found !== undefined && found !== 'plain');
    if (layout === undefined || value.sizes4 === undefined || value.dtype !== 'float32') return false;
    c.output().set(layout, g.op('Mul', [dy.in(layout), slope(g, value.in(layout), c)]));
    return true;
  };

/** dy where y > 0 and below the ceiling. */
export const reluGradient = gradient((g, y, c) =>
  reluMask(g, y, c.float('ceiling', Number.POSITIVE_INFINITY)),
);

export const hardSwishGradient = gradient(hardSwishSlope);
