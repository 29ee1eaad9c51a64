/** Windows that slide over the axes after batch and channels, and what they see tap by tap. */
import { type GraphBuilder, intAttribute, intsAttribute, type Value } from '../../onnx/index.js';
import { extent, filled, scalar } from './arithmetic.js';
import type { Expansion } from './fragment.js';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
  readonly group: number;
}

/** The window that a gradient operator carries in full. */
export function windowOf(e: Expansion, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const pads = intsAttribute(e.node, 'pads', filled(2 * rank, 0));
  return {
    kernel,
    strides: intsAttribute(e.node, 'strides', filled(rank, 1)),
    dilations: intsAttribute(e.node, 'dilations', filled(rank, 1)),
    begins: pads.slice(0, rank),
    ends: pads.slice(rank),
    group: intAttribute(e.node, 'group', 1),
  };
}

/** The places of a kernel, the last axis running fastest. */
export const tapsOf = (kernel: readonly number[]): number[][] =>
  kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => Array.from({ length: size }, (_, k) => [...tap, k])),
    [[]],
  );

/**
 * What each tap of the window sees: for each place of the kernel, of the last axes of `x` an array of the sizes
 * `count`. Padding holds `fill`.
 */
export function taps(g: GraphBuilder, x: Value, w: Window, count: readonly number[], fill: number): Value[] {
  const rank = w.kernel.length;
  const lead = x.shape!.length - rank;
  const axes = g.ints(Array.from({ length: rank }, (_, i) => lead + i));
  const source = padded(g, x, w, count, fill);
  return tapsOf(w.kernel).map((tap) => {
    const starts = tap.map((k, i) => k * w.dilations[i]!);
    const ends = starts.map((start, i) => start + (count[i]! - 1) * w.strides[i]! + 1);
    const whole = starts.every(
      (start, i) => start === 0 && w.strides[i] === 1 && ends[i] === source.sizes[i],
    );
    return whole
      ? source.x
      : g.op('Slice', [source.x, g.ints(starts), g.ints(ends), axes, g.ints([...w.strides])]);
  });
}

/** `x` with as much padding as the windows reach into: none where they do not. */
function padded(g: GraphBuilder, x: Value, w: Window, count: readonly number[], fill: number) {
  const rank = w.kernel.length;
  const spatial = x.shape!.slice(-rank) as number[];
  const ends = spatial.map((size, i) => {
    const reach = (count[i]! - 1) * w.strides[i]! + extent(w.kernel[i]!, w.dilations[i]!);
    return Math.max(reach - size - w.begins[i]!, 0);
  });
  const sizes = spatial.map((size, i) => size + w.begins[i]! + ends[i]!);
  if ([...w.begins, ...ends].every((n) => n === 0)) return { x, sizes };
  const lead = filled(x.shape!.length - rank, 0);
  const pads = g.ints([...lead, ...w.begins, ...lead, ...ends]);
  return { x: g.op('Pad', [x, pads, scalar(g, fill, x)]), sizes };
}
