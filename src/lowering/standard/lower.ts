/** The plain lowering: gradient operators of the domain `agewise` as standard ONNX operators. */
import {
  GRADIENT_DOMAIN,
  intAttribute,
  isOp,
  type Model,
  type Node,
  nodeLabel,
  removeUnused,
} from '../../onnx/index.js';
import { batchNormGradient, batchStatistics, trainingBatchNorm } from './batch-norm.js';
import { convInputGradient } from './conv-input-gradient.js';
import { convWeightGradient } from './conv-weight-gradient.js';
import { type Expand, LoweringError } from './fragment.js';
import { hardSwishGradient } from './hard-swish-gradient.js';
import { maxPoolGradient } from './max-pool-gradient.js';
import { reluGradient } from './relu-gradient.js';
import { replaceNodes } from './replace-nodes.js';

const expansions: Readonly<Record<string, Expand>> = {
  ConvInputGradient: convInputGradient,
  ConvWeightGradient: convWeightGradient,
  ReluGradient: reluGradient,
  HardSwishGradient: hardSwishGradient,
  MaxPoolGradient: maxPoolGradient,
  BatchStatistics: batchStatistics,
  BatchNormGradient: batchNormGradient,
};

export interface StandardLowering {
  /**
   * 'native' leaves BatchNormalization in training to the provider, 'primitives' builds it from others, for
   * providers that lack it (WebGPU). 'native' by default.
   */
  readonly batchNorm?: 'native' | 'primitives';
}

/**
 * The model with every operator of the domain `agewise` replaced by standard ones, which every provider runs. The
 * domain's import goes with them. A model without any comes back with the same nodes. Sizes of batches may be
 * open; those after the channels of convolutions and poolings have to be known.
 * @throws LoweringError where an operator of the domain is not known or needs a size that is not.
 */
export function lowerToStandard(model: Model, { batchNorm = 'native' }: StandardLowering = {}): Model {
  const expansionOf = (node: Node): Expand | undefined => {
    if (node.domain === GRADIENT_DOMAIN) {
      const found = expansions[node.op];
      if (found === undefined) throw new LoweringError(`${nodeLabel(node)} is not known here`);
      return found;
    }
    const trains = isOp(node, 'BatchNormalization') && intAttribute(node, 'training_mode', 0) === 1;
    return batchNorm === 'primitives' && trains ? trainingBatchNorm : undefined;
  };
  const graph = replaceNodes(model, expansionOf);
  const opsets = new Map([...model.opsets].filter(([domain]) => domain !== GRADIENT_DOMAIN));
  return removeUnused({ ...model, opsets, graph });
}
