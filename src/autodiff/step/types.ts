/** What a training step is made of, and what comes out: plain data. */
import type { Model, Shape, Tensor } from '../../onnx/index.js';

/** Parameters trained with the same settings. Parameters in no group are frozen: they stay constants of the graph. */
export interface ParameterGroup {
  /** Names of float32 initializers of the forward graph. */
  readonly parameters: readonly string[];
  /** The factor on the step's learning rate; 1 if left out. */
  readonly rate?: number;
  /**
   * The weight decay of all these parameters. If left out it is the optimizer's for the weights of convolutions and
   * matrix products, and 0 for biases, norms and other shifts and scales.
   */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum (Sutskever et al., ICML 2013), as torch.optim.SGD with dampening 0. */
export interface Sgd {
  readonly kind: 'sgd';
  /** 0 if left out: no momentum, and no state. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** Added to the gradient, times the weight; 0 if left out. */
  readonly weightDecay?: number;
}

/** Adam (Kingma and Ba, ICLR 2015), as torch.optim.Adam; AdamW (Loshchilov and Hutter, ICLR 2019), as torch.optim.AdamW. */
export interface Adam {
  readonly kind: 'adam' | 'adamw';
  /** Decay of the mean of gradients; 0.9 if left out. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; 0.999 if left out. */
  readonly beta2?: number;
  /** Added to the root of the corrected second moment; 1e-8 if left out. */
  readonly epsilon?: number;
  /**
   * For Adam, added to the gradient, times the weight, with default 0; for AdamW decoupled from it, with default 0.01.
   */
  readonly weightDecay?: number;
  /**
   * Where the bias corrections are computed: in the step, in float64, or by the caller, as inputs `RATE_CORRECTION` and
   * `ADAM_EPSILON` (see `adamCorrections`), for devices without float64. In the step if left out.
   */
  readonly corrections?: 'step' | 'inputs';
}

export type Optimizer = Sgd | Adam;

export interface TrainingStepOptions {
  /** The output of the forward graph to be minimised: one element. */
  readonly loss: string;
  readonly groups: readonly ParameterGroup[];
  readonly optimizer: Optimizer;
  /** The largest Euclidean norm of all gradients together; longer ones are shortened to it. Not clipped if left out. */
  readonly clipNorm?: number;
  /**
   * Whether the step also outputs the Euclidean norm of all gradients together, `GRADIENT_NORM`; with clipping it
   * always does.
   */
  readonly gradientNorm?: boolean;
  /** Whether a step may take its gradient from several micro-batches. */
  readonly accumulate?: boolean;
  /** Running statistics that are updated even if no trained parameter precedes them. */
  readonly statistics?: readonly string[];
  /** The decay of a moving average of weights and running statistics, below 1; none is kept if left out. */
  readonly averageDecay?: number;
}

/**
 * The kind of a state tensor. `accumulator` holds the sum of the gradients of the previous micro-batches; a step
 * consumes it and does not output it, so that the next one starts from its initial zeros.
 */
export type StateKind =
  | 'weight'
  | 'statistic'
  | 'momentum'
  | 'moment1'
  | 'moment2'
  | 'average'
  | 'accumulator';

/** A float32 tensor that a step takes as input `name` and outputs, updated, as `nextName(name)`. */
export interface StateEntry {
  readonly name: string;
  readonly kind: StateKind;
  /** The weight or statistic that it belongs to; its own name if it is one. */
  readonly of: string;
  readonly shape: readonly number[];
  readonly initial: Tensor | 'zeros';
}

/** An input of a dropout: uniform random numbers in [0, 1), new for every step. */
export interface NoiseInput {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * A training step as graphs. In addition to the forward graph's inputs it takes `LEARNING_RATE`, `STEP`, the noise and
 * the state; in addition to its outputs (computed before the update) it gives the new state and, if requested,
 * `GRADIENT_NORM`.
 */
export interface TrainingStep {
  /** The whole step; with accumulation, the step of the last micro-batch, which also takes `MICRO_BATCHES`. */
  readonly model: Model;
  /**
   * For the micro-batches before the last: takes weights, statistics and accumulators, and gives new statistics and
   * accumulators. Undefined without accumulation.
   */
  readonly accumulate: Model | undefined;
  readonly state: readonly StateEntry[];
  readonly noise: readonly NoiseInput[];
}

/** Input: the learning rate, float32 without axes. */
export const LEARNING_RATE = 'learning_rate';
/** Input: the number of this step, float32 without axes, which counts updates from 1. */
export const STEP = 'step';
/** Inputs of Adam with corrections as inputs: a factor on the learning rate and ε, float32 without axes. */
export const RATE_CORRECTION = 'rate_correction';
export const ADAM_EPSILON = 'adam_epsilon';
/** Input of steps that accumulate: how many micro-batches there are with the last, float32 without axes. */
export const MICRO_BATCHES = 'micro_batches';
/** Output, if requested: the Euclidean norm of all gradients together, before clipping, a scalar. */
export const GRADIENT_NORM = 'gradient_norm';

/** The output with the new value of a state tensor. */
export const nextName = (name: string): string => `next.${name}`;
