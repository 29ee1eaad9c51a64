/** What update rules have in common. */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import type { StateKind } from './types.js';

/** The inputs of an update. */
export interface Parameter<S extends StateKind = StateKind> {
  readonly weight: Value;
  /** The gradient before multiplication by `scale`, a scalar from clipping and averaging; undefined for 1. */
  readonly gradient: Value;
  readonly scale: Value | undefined;
  readonly weightDecay: number;
  readonly slots: Readonly<Record<S, Value>>;
}

export interface Updated<S extends StateKind = StateKind> {
  readonly weight: Value;
  readonly slots: Readonly<Record<S, Value>>;
}

/** An optimizer's part of the state, and its rule. */
export interface UpdateRule<S extends StateKind = StateKind> {
  /** The tensors that it keeps for each weight. */
  readonly slots: readonly S[];
  /** The decay of weights. */
  readonly weightDecay: number;
  /** The update of the parameters that share a learning rate; both scalars, float32. */
  group(g: GraphBuilder, rate: Value, step: Value): (p: Parameter<S>) => Updated<S>;
}

/** `x` times a scalar; undefined means 1. */
export const scaled = (g: GraphBuilder, x: Value, scale: Value | undefined): Value =>
  scale === undefined ? x : g.op('Mul', [x, scale]);

/** The clipped gradient plus `decay · weight`. */
export function decayedGradient(
  g: GraphBuilder,
  { gradient, scale, weight, weightDecay }: Parameter<never>,
): Value {
  const clipped = scaled(g, gradient, scale);
  return weightDecay === 0 ? clipped : g.op('Add', [clipped, g.op('Mul', [weight, g.scalar(weightDecay)])]);
}

/** @throws RangeError if a setting is not within `low..high`, `high` excluded. */
export function checkSetting(name: string, value: number, low: number, high: number): number {
  if (value >= low && value < high) return value;
  throw new RangeError(`${name} must be from ${low} to below ${high}, found ${value}`);
}
