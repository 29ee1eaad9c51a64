/** Operators that arrange the same elements anew: reshape, permute, join, part, repeat, pad. */
import type { Dim, Shape } from '../graph.js';
import { formatShape, type Known, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { asDim, broadcast, product, same, spread, staticCount, unknownDims, VALUE_LIMIT } from './dims.js';

/** The rank given by a list of sizes in input `i`, if its length is known. */
const listLength = (c: ShapeContext, i: number): number | undefined => {
  const length = c.shape(i)?.[0];
  return typeof length === 'number' ? length : undefined;
};

/** `count` divided by `divisor`; null if that is unknown. */
function divide(count: Shape, divisor: Shape): Dim | undefined {
  const rest = [...divisor];
  const symbols: Dim[] = [];
  let number = 1;
  for (const d of count) {
    if (typeof d === 'number') number *= d;
    else {
      const at = d === null ? -1 : rest.indexOf(d);
      if (at >= 0) rest.splice(at, 1);
      else symbols.push(d);
    }
  }
  if (rest.some((d) => typeof d !== 'number')) return null;
  const by = (rest as number[]).reduce((a, b) => a * b, 1);
  if (by === 0) return null;
  if (symbols.length === 0) return number % by === 0 ? number / by : undefined;
  return symbols.length === 1 && number === by ? symbols[0]! : null;
}

const reshape: Rule = (c) => {
  const dtype = c.dtype(0);
  const x = c.shape(0);
  const wanted = c.opset < 5 ? c.ints('shape') : c.elements(1);
  if (wanted === undefined) {
    const rank = listLength(c, 1);
    return one({ dtype, shape: rank === undefined ? undefined : unknownDims(rank) });
  }
  if (wanted.filter((d) => d === -1).length > 1)
    c.fail(`${formatShape(wanted)} leaves more than one size open`);
  const copies = c.int('allowzero', 0) === 0;
  const shape = wanted.map((d, i): Dim => {
    if (d !== 0 || !copies) return d;
    if (x !== undefined && i >= x.length)
      c.fail(`${formatShape(wanted)} copies axis ${i}, which is not there`);
    return x?.[i] ?? null;
  });
  // A name can be used only as a size; -1 is the one size that follows from the others.
  const open = shape.indexOf(-1);
  const unknown = shape.filter((d) => d === null || (typeof d === 'number' && d < -1)).length;
  const only = open >= 0 ? open : unknown === 1 ? shape.indexOf(null) : -1;
  if (x !== undefined) {
    if (only >= 0 && unknown === (open >= 0 ? 0 : 1)) {
      const size: Dim | undefined = divide(
        x,
        shape.filter((_, i) => i !== only),
      );
      if (size === undefined) return c.fail(`${formatShape(x)} cannot be reshaped to ${formatShape(wanted)}`);
      return one({ dtype, shape: shape.with(only, size) }, size === null ? undefined : c.elements(0));
    }
    const [from, to] = [staticCount(x), staticCount(shape)];
    if (only < 0 && from !== undefined && to !== undefined && from !== to) {
      c.fail(`${formatShape(x)} of ${from} elements cannot be reshaped to ${formatShape(wanted)} of ${to}`);
    }
  }
  return one({ dtype, shape: shape.map(asDim) }, staticCount(shape.map(asDim)) ? c.elements(0) : undefined);
};

const flatten: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  if (x === undefined) return one({ dtype, shape: unknownDims(2) });
  const given = c.int('axis', 1);
  const axis = given === x.length ? given : c.axis(given, Math.max(x.length, 1));
  return one({ dtype, shape: [product(x.slice(0, axis)), product(x.slice(axis))] }, c.elements(0));
};

const transpose: Rule = (c) => {
  const x = c.shape(0);
  const perm = c.ints('perm');
  const dtype = c.dtype(0);
  if (x === undefined) return one({ dtype, shape: perm && unknownDims(perm.length) });
  const order = perm ?? x.map((_, i) => x.length - 1 - i);
  if (order.length !== x.length || new Set(order.map((i) => c.axis(i, x.length))).size !== x.length) {
    c.fail(`perm ${formatShape(order)} does not order the axes of ${formatShape(x)}`);
  }
  return one({ dtype, shape: order.map((i) => x[i]!) }, x.length < 2 ? c.elements(0) : undefined);
};

/** Axes of Squeeze and Unsqueeze: an attribute, since opset 13 an input. 'unknown' if they depend on the data. */
function axesOf(c: ShapeContext): readonly number[] | undefined | 'unknown' {
  const attribute = c.ints('axes');
  if (attribute !== undefined || !c.has(1)) return attribute;
  return c.numbers(1) ?? 'unknown';
}

const squeeze: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  const given = axesOf(c);
  if (x === undefined) return one({ dtype, shape: undefined });
  if (given === 'unknown') {
    const count = listLength(c, 1);
    return one({ dtype, shape: count === undefined ? undefined : unknownDims(x.length - count) });
  }
  // Without axes every 1 is removed, and an unknown size might be 1.
  if (given === undefined && x.some((d) => typeof d !== 'number')) return one({ dtype, shape: undefined });
  const axes = new Set(given?.map((a) => c.axis(a, x.length)) ?? x.flatMap((d, i) => (d === 1 ? [i] : [])));
  for (const a of axes) {
    if (typeof x[a] === 'number' && x[a] !== 1) c.fail(`axis ${a} of ${formatShape(x)} is not of size 1`);
  }
  return one({ dtype, shape: x.filter((_, i) => !axes.has(i)) }, c.elements(0));
};

const unsqueeze: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  const given = axesOf(c);
  if (x === undefined) return one({ dtype, shape: undefined });
  if (given === 'unknown' || given === undefined) {
    const count = listLength(c, 1);
    return one({ dtype, shape: count === undefined ? undefined : unknownDims(x.length + count) });
  }
  const rank = x.length + given.length;
  const axes = new Set(given.map((a) => c.axis(a, rank)));
  if (axes.size !== given.length) c.fail(`axes ${formatShape(given)} name an axis twice`);
  const rest = x[Symbol.iterator]();
  const shape = Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : (rest.next().value as Dim)));
  return one({ dtype, shape }, c.elements(0));
};

const expand: Rule = (c) => {
  const dtype = c.dtype(0);
  const x = c.shape(0);
  const wanted = c.elements(1)?.map(asDim);
  if (wanted === undefined) {
    const length = listLength(c, 1);
    return one({
      dtype,
      shape: x && length !== undefined ? unknownDims(Math.max(x.length, length)) : undefined,
    });
  }
  const shape = broadcast(c, [x, wanted]);
  const count = staticCount(shape);
  const value = c.elements(0);
  const known = value && shape && count !== undefined && count <= VALUE_LIMIT;
  return one({ dtype, shape }, known ? spread(value, x!, shape, count) : undefined);
};

const tile: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  const repeats = c.elements(1);
  if (x === undefined || repeats === undefined) return one({ dtype, shape: x && unknownDims(x.length) });
  if (repeats.length !== x.length) {
    c.fail(`repeats ${formatShape(repeats)} do not fit the axes of ${formatShape(x)}`);
  }
  const shape = x.map((d, i): Dim => {
    const r = repeats[i]!;
    if (r === 1) return d;
    if (d === 1) return asDim(r);
    return typeof d === 'number' && typeof r === 'number' ? d * r : null;
  });
  return one({ dtype, shape });
};

const concat: Rule = (c) => {
  const dtypes = new Set(c.inputs.map((_, i) => c.dtype(i)).filter((t) => t !== 'undefined'));
  if (dtypes.size > 1) c.fail(`inputs of types ${[...dtypes].join(' and ')} do not join`);
  const dtype = [...dtypes][0] ?? 'undefined';
  const shapes = c.node.inputs.map((_, i) => c.shape(i));
  const first = shapes.find((s) => s !== undefined);
  if (first === undefined) return one({ dtype, shape: undefined });
  const axis = c.axis(c.int('axis', c.opset < 4 ? 1 : 0), first.length);
  const shape = first.map((_, i): Dim => {
    const dims = shapes.map((s) => {
      if (s !== undefined && s.length !== first.length) {
        c.fail(`inputs of different ranks do not join: ${shapes.map(formatShape).join(', ')}`);
      }
      return s?.[i] ?? null;
    });
    if (i === axis) {
      if (dims.length === 1) return dims[0]!;
      return dims.every((d) => typeof d === 'number') ? dims.reduce((a, b) => a + b, 0) : null;
    }
    return dims.reduce((a, b) => {
      const d = same(a, b);
      return d === undefined
        ? c.fail(`inputs differ beside axis ${axis}: ${shapes.map(formatShape).join(', ')}`)
        : d;
    });
  });
  const values = c.node.inputs.map((_, i) => c.elements(i));
  const known = axis === 0 && values.every((v) => v !== undefined) && staticCount(shape)! <= VALUE_LIMIT;
  return one({ dtype, shape }, known ? values.flatMap((v) => [...v!]) : undefined);
};

const split: Rule = (c): readonly Known[] => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  const count = c.node.outputs.length;
  if (x === undefined) return c.node.outputs.map(() => ({ dtype, shape: undefined }));
  const axis = c.axis(c.int('axis', 0), x.length);
  const sizes =
    c.ints('split') ?? (c.has(1) ? (c.elements(1) ?? unknownDims(count)) : equalParts(c, x, axis, count));
  if (sizes.length !== count) c.fail(`${count} outputs do not fit parts of ${formatShape(sizes)}`);
  const total = staticCount(sizes) === undefined ? null : (sizes as number[]).reduce((a, b) => a + b, 0);
  if (same(total, x[axis]!) === undefined) {
    c.fail(`parts of ${formatShape(sizes)} do not make up axis ${axis} of ${formatShape(x)}`);
  }
  const value = x.length === 1 && total !== null ? c.elements(0) : undefined;
  let at = 0;
  return sizes.map((size): Known => {
    const part = value?.slice(at, at + Number(size));
    at += Number(size ?? 0);
    return { dtype, shape: x.with(axis, asDim(size)), elements: part };
  });
};

/** Since opset 18 the last part may be smaller; before, the parts are equal. */
function equalParts(c: ShapeContext, x: Shape, axis: number, count: number): readonly Dim[] {
  const size = x[axis]!;
  if (typeof size !== 'number') return count === 1 ? [size] : unknownDims(count);
  const parts = c.opset >= 18 ? c.int('num_outputs', count) : count;
  if (parts !== count) c.fail(`${count} outputs contradict num_outputs ${parts}`);
  if (c.opset < 18 && size % count !== 0)
    c.fail(`axis ${axis} of ${formatShape(x)} has no ${count} equal parts`);
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, i) => Math.min(part, Math.max(size - i * part, 0)));
}

/** Ends from this value on mean "to the end". */
const LARGEST = 2 ** 31 - 1;

const slice: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  if (x === undefined) return one({ dtype, shape: undefined });
  const inAttributes = c.opset < 10;
  const starts = inAttributes ? c.ints('starts') : c.elements(1);
  const ends = inAttributes ? c.ints('ends') : c.elements(2);
  const count = starts?.length ?? ends?.length ?? (inAttributes ? undefined : listLength(c, 1));
  const axes =
    (inAttributes ? c.ints('axes') : c.has(3) ? c.numbers(3) : undefined) ??
    (inAttributes || !c.has(3) ? Array.from({ length: count ?? x.length }, (_, i) => i) : undefined);
  // The sliced axes are unknown: any may be.
  if (axes === undefined) return one({ dtype, shape: unknownDims(x.length) });
  const steps = !inAttributes && c.has(4) ? c.elements(4) : axes.map(() => 1);
  const shape: Dim[] = [...x];
  let picked: readonly Dim[] | undefined = x.length === 1 ? c.elements(0) : undefined;
  axes.forEach((given, i) => {
    const axis = c.axis(given, x.length);
    const size = x[axis]!;
    const [start, end, step] = [starts?.[i], ends?.[i], steps?.[i]];
    // A negative step up to the largest integer selects nothing by the specification, but everything in ONNX Runtime.
    const disputed = typeof step === 'number' && step < 0 && typeof end === 'number' && end >= LARGEST;
    if (
      !disputed &&
      typeof size === 'number' &&
      typeof start === 'number' &&
      typeof end === 'number' &&
      typeof step === 'number'
    ) {
      const range = clampRange(size, start, end, step);
      shape[axis] = range.count;
      picked = picked && Array.from({ length: range.count }, (_, k) => picked![range.start + k * step]!);
      return;
    }
    picked = undefined;
    const whole = start === 0 && step === 1 && (end === size || (typeof end === 'number' && end >= LARGEST));
    shape[axis] = whole ? size : null;
  });
  return one({ dtype, shape }, picked);
};

function clampRange(
  size: number,
  start: number,
  end: number,
  step: number,
): { start: number; count: number } {
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  const clamp = (n: number, low: number, high: number) => Math.min(Math.max(n, low), high);
  const first = step > 0 ? clamp(from, 0, size) : clamp(from, 0, size - 1);
  const last = step > 0 ? clamp(to, 0, size) : clamp(to, -1, size - 1);
  return { start: first, count: Math.max(0, Math.ceil((last - first) / step)) };
}

const pad: Rule = (c) => {
  const x = c.shape(0);
  const dtype = c.dtype(0);
  if (x === undefined) return one({ dtype, shape: undefined });
  const pads = c.opset < 11 ? (c.ints('pads') ?? c.ints('paddings')) : c.elements(1);
  const axes = c.has(3) ? c.numbers(3) : x.map((_, i) => i);
  if (pads === undefined || axes === undefined) return one({ dtype, shape: unknownDims(x.length) });
  if (pads.length !== 2 * axes.length) {
    c.fail(`pads ${formatShape(pads)} do not fit ${axes.length} axes of ${formatShape(x)}`);
  }
  const shape: Dim[] = [...x];
  axes.forEach((given, i) => {
    const axis = c.axis(given, x.length);
    const [size, begin, end] = [x[axis]!, pads[i]!, pads[i + axes.length]!];
    if (begin === 0 && end === 0) return;
    const known = typeof size === 'number' && typeof begin === 'number' && typeof end === 'number';
    if (known && size + begin + end < 0) c.fail(`pads cut more than axis ${axis} of ${formatShape(x)} has`);
    shape[axis] = known ? size + begin + end : null;
  });
  return one({ dtype, shape });
};

/** Between blocks of channels and squares of pixels. */
const blocks =
  (toSpace: boolean): Rule =>
  (c) => {
    const x = c.shapeOfRank(0, 4);
    const dtype = c.dtype(0);
    const b = c.int('blocksize', 1);
    if (x === undefined) return one({ dtype, shape: unknownDims(4) });
    const shrink = (d: Dim, by: number, what: string): Dim => {
      if (typeof d !== 'number') return by === 1 ? d : null;
      return d % by === 0 ? d / by : c.fail(`the ${what} of ${formatShape(x)} does not divide by ${by}`);
    };
    const grow = (d: Dim, by: number): Dim => (typeof d === 'number' ? d * by : by === 1 ? d : null);
    const [n, ch, h, w] = x as [Dim, Dim, Dim, Dim];
    const shape = toSpace
      ? [n, shrink(ch, b * b, 'channel count'), grow(h, b), grow(w, b)]
      : [n, grow(ch, b * b), shrink(h, b, 'height'), shrink(w, b, 'width')];
    return one({ dtype, shape });
  };

const like: Rule = (c) => one({ dtype: c.dtype(0), shape: c.shape(0) });

export const layout: Rules = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  DepthToSpace: blocks(true),
  SpaceToDepth: blocks(false),
  Trilu: like,
  ReverseSequence: like,
};
