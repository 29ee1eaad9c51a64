/** Which rule takes which operator. */
import { type Node, operatorName } from '../../../onnx/index.js';
import { ELEMENTWISE } from '../layout/elementwise-operators.js';
import type { Rule } from '../node.js';
import {
  clip,
  hardSigmoid,
  hardSwish,
  hardSwishGradient,
  leakyRelu,
  relu,
  reluGradient,
  sigmoid,
  tanh,
} from './activation.js';
import { add } from './add.js';
import { batchNormalization, batchNormGradient, batchStatistics } from './batch-norm.js';
import { concat, expand, slice, split } from './channels.js';
import { convInputGradient } from './conv-input-gradient.js';
import { convWeightGradient } from './conv-weight-gradient.js';
import { convolution } from './convolution.js';
import { elementwise } from './elementwise.js';
import { multiply } from './multiply.js';
import { averagePool, maxPool, maxPoolGradient } from './pooling.js';
import { globalAveragePool, reduction } from './reduction.js';
import { subtract } from './scaled-sum.js';

/** By operator name, with the domain if it is not ONNX's own. */
const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries([...ELEMENTWISE].map((op) => [op, elementwise])),
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Clip: clip,
  Concat: concat,
  Conv: convolution,
  Expand: expand,
  GlobalAveragePool: globalAveragePool,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  LeakyRelu: leakyRelu,
  MaxPool: maxPool,
  Mul: multiply,
  ReduceL2: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceSum: reduction,
  ReduceSumSquare: reduction,
  Relu: relu,
  Sigmoid: sigmoid,
  Slice: slice,
  Split: split,
  Sub: subtract,
  Tanh: tanh,
  'agewise.BatchNormGradient': batchNormGradient,
  'agewise.BatchStatistics': batchStatistics,
  'agewise.ConvInputGradient': convInputGradient,
  'agewise.ConvWeightGradient': convWeightGradient,
  'agewise.HardSwishGradient': hardSwishGradient,
  'agewise.MaxPoolGradient': maxPoolGradient,
  'agewise.ReluGradient': reluGradient,
};

/** The rule of an operator; undefined for operators that are copied unchanged. */
export const ruleOf = (node: Node): Rule | undefined => rules[operatorName(node)];
