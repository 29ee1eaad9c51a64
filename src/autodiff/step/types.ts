/** What a training step is made of, and what comes out: plain data. */
import type { Model, Shape, Tensor } from '../../onnx/index.js';

/** Parameters that are trained alike. What stands in no group is frozen: it stays a constant of the graph. */
export interface ParameterGroup {
  /** Names of float32 initializers of the forward graph. */
  readonly parameters: readonly string[];
  /** The factor on the step's learning rate; 1 if left out. */
  readonly rate?: number;
  /**
   * The weight decay of all these parameters. If left out it is the optimizer's for the weights of convolutions and
   * matrix products, and 0 for biases, norms and whatever else only shifts or scales.
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
  /** For Adam added to the gradient, times the weight, and 0 if left out; for AdamW apart from it, and 0.01. */
  readonly weightDecay?: number;
}

export type Optimizer = Sgd | Adam;

export interface TrainingStepOptions {
  /** The output of the forward graph to be minimised: one element. */
  readonly loss: string;
  readonly groups: readonly ParameterGroup[];
  readonly optimizer: Optimizer;
  /** The largest Euclidean norm of all gradients together; longer ones are shortened to it. Not clipped if left out. */
  readonly clipNorm?: number;
  /** Whether the step also gives the Euclidean norm of all gradients together, `GRADIENT_NORM`; one that clips does. */
  readonly gradientNorm?: boolean;
  /** Whether a step may take its gradient from several micro-batches. */
  readonly accumulate?: boolean;
  /** Running statistics that follow the batches, though nothing that is trained lies before them. */
  readonly statistics?: readonly string[];
  /** The decay of a moving average of weights and running statistics, below 1; none is kept if left out. */
  readonly averageDecay?: number;
}

/**
 * What a tensor of the state is. `accumulator` holds the sum of the gradients of the micro-batches before; a step
 * uses it up and does not give it back, so that the next one starts from its initial zeros.
 */
export type StateKind =
  | 'weight'
  | 'statistic'
  | 'momentum'
  | 'moment1'
  | 'moment2'
  | 'average'
  | 'accumulator';

/** A float32 tensor that a step takes by the name `name` and gives back, renewed, by the name `nextName(name)`. */
export interface StateEntry {
  readonly name: string;
  readonly kind: StateKind;
  /** The weight or statistic that it belongs to; its own name where it is one. */
  readonly of: string;
  readonly shape: readonly number[];
  readonly initial: Tensor | 'zeros';
}

/** An input of a dropout: numbers evenly distributed over 0..1, 1 excluded, new ones for every step. */
export interface NoiseInput {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * A training step as graphs. Beside the inputs of the forward graph it takes `LEARNING_RATE`, `STEP`, the noise and
 * the state; beside its outputs, which are those before the update, it gives the new state and, if
 * it was asked to, `GRADIENT_NORM`.
 */
export interface TrainingStep {
  /** The whole step; where micro-batches accumulate, that for the last of them, which also takes `MICRO_BATCHES`. */
  readonly model: Model;
  /**
   * For the micro-batches before the last: takes weights, statistics and accumulators, and gives new statistics and
   * accumulators. Undefined where steps do not accumulate.
   */
  readonly accumulate: Model | undefined;
  readonly state: readonly StateEntry[];
  readonly noise: readonly NoiseInput[];
}

/** Input: the learning rate, float32 without axes. */
export const LEARNING_RATE = 'learning_rate';
/** Input: the number of this step, float32 without axes, which counts updates from 1. */
export const STEP = 'step';
/** Input of steps that accumulate: how many micro-batches there are with the last, float32 without axes. */
export const MICRO_BATCHES = 'micro_batches';
/** Output, if asked for: the Euclidean norm of all gradients together, before clipping, a scalar. */
export const GRADIENT_NORM = 'gradient_norm';

/** The output that gives the new value of a tensor of the state. */
export const nextName = (name: string): string => `next.${name}`;
