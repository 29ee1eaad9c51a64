/** The plain lowering: gradient operators of the domain `agewise` as standard ONNX operators. */
import {
  GRADIENT_DOMAIN,
  type Model,
  type Node,
  nodeLabel,
  operatorName,
  removeUnused,
} from '../../onnx/index.js';
import { replaceNodes } from '../replace-nodes.js';
import { LoweringError, type ReplacementRule, type ReplacementRules } from '../replacement.js';
import { batchNormGradient, batchStatistics, trainingBatchNorm } from './batch-norm.js';
import { convInputGradient } from './conv-input-gradient.js';
import { convWeightGradient } from './conv-weight-gradient.js';
import { hardSwishGradient } from './hard-swish-gradient.js';
import { maxPoolGradient } from './max-pool-gradient.js';
import { reluGradient } from './relu-gradient.js';

const gradients: ReplacementRules = {
  'agewise.BatchNormGradient': batchNormGradient,
  'agewise.BatchStatistics': batchStatistics,
  'agewise.ConvInputGradient': convInputGradient,
  'agewise.ConvWeightGradient': convWeightGradient,
  'agewise.HardSwishGradient': hardSwishGradient,
  'agewise.MaxPoolGradient': maxPoolGradient,
  'agewise.ReluGradient': reluGradient,
};

const withPrimitives: ReplacementRules = { ...gradients, BatchNormalization: trainingBatchNorm };

export interface StandardLowering {
  /**
   * 'native' (default) leaves BatchNormalization in training to the provider, 'primitives' builds it from other
   * operators, for providers that lack it (WebGPU).
   */
  readonly batchNorm?: 'native' | 'primitives';
}

/**
 * The model with every operator of the domain `agewise` replaced by standard ones, which every provider runs. The
 * domain's import is removed too. A model without any keeps the same nodes. Batch sizes may be unknown; the spatial
 * sizes of convolutions and poolings must be known.
 * @throws LoweringError if an operator of the domain is unknown or needs an unknown size.
 */
export function lowerToStandard(model: Model, { batchNorm = 'native' }: StandardLowering = {}): Model {
  const rules = batchNorm === 'primitives' ? withPrimitives : gradients;
  const ruleOf = (node: Node): ReplacementRule | undefined => {
    const rule = rules[operatorName(node)];
    if (rule === undefined && node.domain === GRADIENT_DOMAIN) {
      throw new LoweringError(`${nodeLabel(node)} is not supported`);
    }
    return rule;
  };
  const graph = replaceNodes(model, ruleOf);
  const opsets = new Map([...model.opsets].filter(([domain]) => domain !== GRADIENT_DOMAIN));
  return removeUnused({ ...model, opsets, graph });
}
