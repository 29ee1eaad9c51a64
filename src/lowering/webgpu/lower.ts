/** The lowering for WebGPU: standard operators, without those that its provider lacks or gets wrong. */
import { type Model, operatorName } from '../../onnx/index.js';
import { replaceNodes } from '../replace-nodes.js';
import type { ReplacementRules } from '../replacement.js';
import { lowerToStandard } from '../standard/index.js';
import { convTranspose } from './conv-transpose.js';
import { logSoftmax, mean, sign, sum } from './missing.js';
import { pooling } from './pooling.js';
import { pow } from './pow.js';
import { slice } from './slice.js';

const rules: ReplacementRules = {
  AveragePool: pooling,
  ConvTranspose: convTranspose,
  LogSoftmax: logSoftmax,
  MaxPool: pooling,
  Mean: mean,
  Pow: pow,
  Sign: sign,
  Slice: slice,
  Sum: sum,
};

/**
 * The model with operators that the provider of ONNX Runtime 1.30 lacks or gets wrong replaced by ones that it has:
 * those of the domain `agewise`, batch norm in training, and others of typical training steps. Only arithmetic on
 * shapes and in double precision, such as Adam's corrections, is left to the CPU: a few scalars.
 * @throws LoweringError as `lowerToStandard`.
 */
export function lowerToWebGpu(model: Model): Model {
  const standard = lowerToStandard(model, { batchNorm: 'primitives' });
  return { ...standard, graph: replaceNodes(standard, (node) => rules[operatorName(node)]) };
}
