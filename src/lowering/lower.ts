import type { Model } from '../onnx/index.js';
import { type BlockSize, lowerToBlocked, type StateEntry } from './blocked/index.js';
import { lowerToStandard } from './standard/index.js';
import { lowerToWebGpu } from './webgpu/index.js';

/**
 * The target of a graph: standard operators, the subset that WebGPU's provider supports, or the CPU's blocked kernels
 * with the block size that the probe found.
 */
export type Target = 'standard' | 'webgpu' | { readonly block: BlockSize };

export interface LowerOptions {
  readonly target: Target;
  /**
   * The state that a step passes on to the next. Weights and moments named here are kept in the blocked kernels' own
   * order (see `layoutsOf`); others are reordered in every step.
   */
  readonly state?: readonly StateEntry[];
}

/**
 * The model rewritten to the kernels that its target runs fastest, without operators of the domain `agewise`. Inputs,
 * outputs and their shapes stay the same; the state may be in another order (see `layoutsOf`, `pack` and `unpack`).
 * @throws LoweringError if an operator of the domain is unknown or needs an unknown size.
 */
export function lower(model: Model, { target, state = [] }: LowerOptions): Model {
  if (target === 'standard') return lowerToStandard(model);
  return target === 'webgpu' ? lowerToWebGpu(model) : lowerToBlocked(model, target.block, state);
}
