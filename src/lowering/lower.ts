import type { Model } from '../onnx/index.js';
import { type BlockSize, lowerToBlocked, type StateEntry } from './blocked/index.js';
import { lowerToStandard } from './standard/index.js';
import { lowerToWebGpu } from './webgpu/index.js';

/**
 * What a graph is to run on: standard operators, those of them that WebGPU's provider has, or the CPU's blocked
 * kernels of a size that a probe found.
 */
export type Target = 'standard' | 'webgpu' | { readonly block: BlockSize };

export interface LowerOptions {
  readonly target: Target;
  /**
   * What a step carries over to the next. Blocked kernels hold weights and their moments in an order of their own,
   * which `layoutsOf` tells, where they are named here; others are reordered in every step.
   */
  readonly state?: readonly StateEntry[];
}

/**
 * The model as the kernels that its target runs fastest, without operators of the domain `agewise`. Inputs, outputs
 * and their shapes stay; the state may lie in another order (see `layoutsOf`, `pack` and `unpack`).
 * @throws LoweringError where an operator of the domain is not known or needs a size that is not.
 */
export function lower(model: Model, { target, state = [] }: LowerOptions): Model {
  if (target === 'standard') return lowerToStandard(model);
  return target === 'webgpu' ? lowerToWebGpu(model) : lowerToBlocked(model, target.block, state);
}
