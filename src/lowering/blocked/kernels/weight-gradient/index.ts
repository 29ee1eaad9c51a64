/** The gradient of a convolution for its weights: which formulation takes it. */
import type { WeightLayout } from '../../layout/layouts.js';
import { places } from '../window.js';
import { depthwise } from './depthwise.js';
import { pointwise } from './pointwise.js';
import type { WeightGradientKernel, WeightGradientProblem } from './problem.js';
import { interleaved, thin } from './summed-images.js';

export type { WeightGradientProblem } from './problem.js';

/** The kernel for weights in a layout; undefined if there is none. */
export function weightGradientKernel(
  layout: WeightLayout,
  { window, spatial, count }: WeightGradientProblem,
): WeightGradientKernel | undefined {
  if (layout === 'depthwise') return depthwise;
  const reached = ([0, 1] as const).every((axis) => places(spatial[axis], window, axis) === count[axis]);
  // The interleaved form does not support dilation.
  if (window.dilations.some((d) => d !== 1) || !reached) return undefined;
  if (layout === 'thin') return thin;
  const single = [...window.kernel, ...window.pads].join() === '1,1,0,0,0,0';
  return single ? pointwise : interleaved;
}
