/** Bringing gradients into the shapes of values, statically where sizes are known and when it runs where not. */
import type { Dim, GraphBuilder, Shape, Value } from '../onnx/index.js';

const isNumber = (d: unknown): d is number => typeof d === 'number';

/** The sizes, if all are known as numbers. */
const staticShape = (shape: Shape | undefined): readonly number[] | undefined =>
  shape?.every(isNumber) ? shape : undefined;

/** The shape of `x` as a list of int64: a constant if it is known. */
export function shapeOf(g: GraphBuilder, x: Value): Value {
  const known = staticShape(x.shape);
  return known ? g.ints(known) : g.op('Shape', [x]);
}

/** The size of an axis of `x` as a list of one int64. */
export function sizeOf(g: GraphBuilder, x: Value, axis: number): Value {
  const known = x.shape?.[axis];
  return isNumber(known) ? g.ints([known]) : g.op('Gather', [g.op('Shape', [x]), g.ints([axis])]);
}

/** A size of a new shape: a number, or the size of a value's axis. */
export type Size = number | readonly [of: Value, axis: number];

const known = (size: Size): number | undefined => {
  if (isNumber(size)) return size;
  const dim = size[0].shape?.[size[1]];
  return isNumber(dim) ? dim : undefined;
};

/** `x` reshaped to the given sizes. */
export function reshapeTo(g: GraphBuilder, x: Value, sizes: readonly Size[]): Value {
  const numbers = sizes.map(known);
  // One unknown size follows from the others.
  if (numbers.filter((n) => n === undefined).length <= 1)
    return g.reshape(
      x,
      numbers.map((n) => n ?? -1),
    );
  const parts = sizes.map((size) => (isNumber(size) ? g.ints([size]) : sizeOf(g, ...size)));
  return g.op('Reshape', [x, g.op('Concat', parts, { axis: 0 })]);
}

/** The sizes of `x`, to be put into another shape. */
export const sizesOf = (x: Value): Size[] => (x.shape ?? []).map((_, axis): Size => [x, axis]);

/** `value` in the shape of `x`, which has as many elements. */
export function reshapeLike(g: GraphBuilder, value: Value, x: Value): Value {
  const same =
    value.shape?.length === x.shape?.length && value.shape?.every((d, i) => d !== null && d === x.shape?.[i]);
  if (same) return value;
  return x.shape === undefined
    ? g.op('Reshape', [value, g.op('Shape', [x])])
    : reshapeTo(g, value, sizesOf(x));
}

/** `value` broadcast to the shape of `x`. */
export const expandLike = (g: GraphBuilder, value: Value, x: Value): Value =>
  g.op('Expand', [value, shapeOf(g, x)]);

export const zerosLike = (g: GraphBuilder, x: Value): Value => expandLike(g, g.scalar(0, x), x);

/** The sum over `axes`; over none if the list is empty. */
export const sumOver = (g: GraphBuilder, x: Value, axes: readonly number[], keepdims: boolean): Value =>
  axes.length === 0 ? x : g.reduce('ReduceSum', x, axes, { keepdims: keepdims ? 1 : 0 });

/** The mean over `axes`, which stay at size 1. */
export const meanOver = (g: GraphBuilder, x: Value, axes: readonly number[]): Value =>
  g.reduce('ReduceMean', x, axes, { keepdims: 1 });

/**
 * Undoes broadcasting: the sum of `value`, whose shape is `from`, over the axes along which `target` was repeated, in
 * the shape of `target`. Unknown sizes are compared when the graph runs.
 */
export function sumTo(g: GraphBuilder, value: Value, from: Shape | undefined, target: Value): Value {
  const to = target.shape;
  if (to === undefined || from === undefined) {
    throw new RangeError(`The number of axes of '${(to === undefined ? target : value).name}' is not known`);
  }
  const lead = from.length - to.length;
  const aligned: Dim[] = [...new Array<Dim>(lead).fill(1), ...to];
  const unsure = aligned.some((d, i) => d !== 1 && !isNumber(d) && !(typeof d === 'string' && d === from[i]));
  if (!unsure) {
    const leading = Array.from({ length: lead }, (_, i) => i);
    const repeated = to.flatMap((d, i) => (d === 1 && from[i + lead] !== 1 ? [i] : []));
    return sumOver(g, sumOver(g, value, leading, false), repeated, true);
  }
  const shape = g.op('Shape', [target]);
  const padded =
    lead === 0 ? shape : g.op('Concat', [g.ints(new Array<number>(lead).fill(1)), shape], { axis: 0 });
  const isOne = g.op('Equal', [padded, g.ints([1])]);
  // If the axis has size 1 in both, summing over it changes nothing.
  const axes = g.reshape(g.op('NonZero', [isOne]), [-1]);
  const summed = g.op('ReduceSum', [value, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  return reshapeLike(g, summed, target);
}
