/** The window of a convolution or a pooling that is differentiated. */
import { type SlidingWindow, slidingWindow } from '../onnx/index.js';
import type { GradientContext } from './context.js';

/** The window of the node over input 0, with a kernel of these sizes. */
export const windowOf = (c: GradientContext, kernel: readonly number[]): SlidingWindow =>
  slidingWindow(c, kernel, () => c.sizes(0, 2));
