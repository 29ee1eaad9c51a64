/** Which rule takes which operator. */
import type { Node } from '../../../onnx/index.js';
import { ELEMENTWISE } from '../layout/elementwise-operators.js';
import type { Rule } from '../node.js';
import { clip, hardSwishGradient, relu, reluGradient } from './activation.js';
import { add } from './add.js';
import { batchNormalization, batchNormGradient, batchStatistics } from './batch-norm.js';
import { concat, expand, split } from './channels.js';
import { convInputGradient } from './conv-input-gradient.js';
import { convWeightGradient } from './conv-weight-gradient.js';
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import { maxPool, maxPoolGradient } from './pooling.js';
import { globalAveragePool, reduction } from './reduction.js';
import { multiply, subtract } from './scaled-sum.js';

const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  '': {
    ...Object.fromEntries([...ELEMENTWISE].map((op) => [op, elementwise])),
    Add: add,
    BatchNormalization: batchNormalization,
    Clip: clip,
    Concat: concat,
    Conv: convolution,
    Expand: expand,
    GlobalAveragePool: globalAveragePool,
    MaxPool: maxPool,
    Mul: multiply,
    ReduceL2: reduction,
    ReduceMax: reduction,
    ReduceMin: reduction,
    ReduceSum: reduction,
    ReduceSumSquare: reduction,
    Relu: relu,
    Split: split,
    Sub: subtract,
  },
  agewise: {
    BatchNormGradient: batchNormGradient,
    BatchStatistics: batchStatistics,
    ConvInputGradient: convInputGradient,
    ConvWeightGradient: convWeightGradient,
    HardSwishGradient: hardSwishGradient,
    MaxPoolGradient: maxPoolGradient,
    ReluGradient: reluGradient,
  },
};

/** The rule of an operator; undefined where it is written as it stands. */
export const ruleOf = ({ domain, op }: Node): Rule | undefined => rules[domain]?.[op];
