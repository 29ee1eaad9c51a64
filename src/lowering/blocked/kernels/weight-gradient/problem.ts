import type { Value } from '../../../../onnx/index.js';
import type { KernelBuilder, Operand } from '../../layout/builder.js';
import type { Pair, Window2d } from '../window.js';

/** The convolution whose weight gradient is to be computed. */
export interface WeightGradientProblem {
  /** The convolution's input and the gradient of its output. */
  readonly x: Operand;
  readonly dy: Operand;
  readonly window: Window2d;
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  /** Height and width of x and of dy. */
  readonly spatial: Pair;
  readonly count: Pair;
}

/** Gives the gradient in the layout that the weights have. */
export type WeightGradientKernel = (b: KernelBuilder, problem: WeightGradientProblem) => Value;
