/** Arithmetic on dimensions of which some are names or unknown. A result is right or null, never a guess. */
import type { Dim, Shape } from '../graph.js';
import { formatShape, type ShapeContext } from './context.js';

/** Larger tensors are data, not shapes: their values are not tracked. */
export const VALUE_LIMIT = 1024;

/** The number of elements, or undefined if a dimension is not a number. */
export function staticCount(shape: Shape | undefined): number | undefined {
  return shape?.every((d) => typeof d === 'number') ? shape.reduce((a, b) => a * b, 1) : undefined;
}

/** The product of dimensions: a number, a name if all others are 1, otherwise null. */
export function product(dims: Shape): Dim {
  let number = 1;
  let symbol: Dim = 1;
  let symbols = 0;
  for (const d of dims) {
    if (typeof d === 'number') number *= d;
    else {
      symbol = d;
      symbols++;
    }
  }
  if (symbols === 0 || number === 0) return number;
  return symbols === 1 && number === 1 ? symbol : null;
}

/** The common dimension of two: the better known one. Undefined if two numbers differ. */
export function same(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number') return typeof b === 'number' && a !== b ? undefined : a;
  return typeof b === 'number' ? b : (a ?? b);
}

/** `same` for whole shapes; an unknown rank gives the other shape. Undefined if they contradict. */
export function sameShape(a: Shape, b: Shape): Shape | undefined {
  if (a.length !== b.length) return undefined;
  const dims = a.map((d, i) => same(d, b[i]!));
  return dims.includes(undefined) ? undefined : (dims as Dim[]);
}

/** What is known about a value that is one of two: dimensions on which both agree. */
export function either(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  return a.map((d, i) => (d === b[i] ? d : null));
}

function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number') return typeof b === 'number' ? undefined : a;
  if (typeof b === 'number') return b;
  return null;
}

/** Numpy's broadcasting: https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md */
export function broadcast(c: ShapeContext, shapes: readonly (Shape | undefined)[]): Shape | undefined {
  let result: Dim[] = [];
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    const rank = Math.max(result.length, shape.length);
    const next: Dim[] = [];
    for (let i = 1; i <= rank; i++) {
      const d = broadcastDim(result.at(-i) ?? one(result, i), shape.at(-i) ?? one(shape, i));
      if (d === undefined) {
        c.fail(`shapes ${formatShape(result)} and ${formatShape(shape)} do not broadcast`);
      }
      next.unshift(d);
    }
    result = next;
  }
  return result;
}

/** A dimension missing on the left counts as 1; an unknown one stays null. */
const one = (shape: Shape, fromEnd: number): Dim => (fromEnd > shape.length ? 1 : null);

/** A shape of `rank` dimensions of which nothing is known. */
export const unknownDims = (rank: number): Dim[] => new Array<Dim>(rank).fill(null);

/** A dimension as a value: a negative number (a mistake in the file, or -1 for "any") counts as unknown. */
export const asDim = (d: Dim | undefined): Dim => (typeof d === 'number' && d < 0 ? null : (d ?? null));

/** Elements of `from` repeated to fill `to`. */
export function spread(value: readonly Dim[], from: Shape, to: Shape, count: number): readonly Dim[] {
  if (value.length === count) return value;
  return Array.from({ length: count }, (_, flat) => {
    let index = 0;
    let stride = 1;
    let remaining = flat;
    for (let i = 1; i <= to.length; i++) {
      const size = to.at(-i) as number;
      const position = remaining % size;
      remaining = Math.floor(remaining / size);
      if (i > from.length) continue;
      const own = from.at(-i) as number;
      if (own !== 1) index += position * stride;
      stride *= own;
    }
    return value[index]!;
  });
}
