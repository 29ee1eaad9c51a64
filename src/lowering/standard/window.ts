/** Windows that slide over the axes after batch and channels, and what they see tap by tap. */
import { endPadding, type GraphBuilder, slidingWindow, type Value, windowExtent } from '../../onnx/index.js';
import type { ReplacedNode } from '../replacement.js';
import { filled } from '../sizes.js';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
  readonly group: number;
}

/** The window in a gradient operator's attributes. */
export function windowOf(c: ReplacedNode, kernel: readonly number[]): Window {
  const { strides, dilations, pads } = slidingWindow(c, kernel, () => c.sizes(0, 2));
  return {
    kernel,
    strides,
    dilations,
    begins: pads.slice(0, kernel.length),
    ends: pads.slice(kernel.length),
    group: c.int('group', 1),
  };
}

/** The positions in a kernel, last axis fastest. */
const tapsOf = (kernel: readonly number[]): number[][] =>
  kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => Array.from({ length: size }, (_, k) => [...tap, k])),
    [[]],
  );

/**
 * The elements at each tap of the window: for each position in the kernel, an array of sizes `count` over the last axes
 * of `x`. Padding holds `fill`.
 *
 * Strided slicing is slow, slicing a block is fast: taps whose elements differ only by a shift share one strided slice.
 */
export function taps(g: GraphBuilder, x: Value, w: Window, count: readonly number[], fill: number): Value[] {
  const source = padded(g, x, w, count, fill);
  const spatial = lastSizes(source, w.kernel.length);
  const phases = new Map<string, Value>();
  return tapsOf(w.kernel).map((tap) => {
    const starts = tap.map((k, i) => k * w.dilations[i]!);
    const residues = starts.map((start, i) => start % w.strides[i]!);
    const key = residues.join();
    const phase = phases.get(key) ?? block(g, source, residues, spatial, w.strides);
    phases.set(key, phase);
    const shifts = starts.map((start, i) => Math.floor(start / w.strides[i]!));
    return block(
      g,
      phase,
      shifts,
      shifts.map((shift, i) => shift + count[i]!),
    );
  });
}

/** The elements of the last axes from `starts` up to `ends` (excluded), with a step. */
function block(
  g: GraphBuilder,
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = filled(starts.length, 1),
): Value {
  const rank = starts.length;
  const sizes = lastSizes(x, rank);
  const whole = starts.every((start, i) => start === 0 && steps[i] === 1 && ends[i]! >= sizes[i]!);
  if (whole) return x;
  const axes = Array.from({ length: rank }, (_, i) => x.shape!.length - rank + i);
  return g.op('Slice', [x, g.ints(starts), g.ints(ends), g.ints(axes), g.ints(steps)]);
}

/** `x` with the padding that the windows cover. */
function padded(g: GraphBuilder, x: Value, w: Window, count: readonly number[], fill: number): Value {
  const spatial = lastSizes(x, w.kernel.length);
  const ends = spatial.map((size, i) =>
    endPadding(size, w.begins[i]!, count[i]!, windowExtent(w.kernel[i]!, w.dilations[i]!), w.strides[i]!),
  );
  if ([...w.begins, ...ends].every((n) => n === 0)) return x;
  const lead = filled(x.shape!.length - w.kernel.length, 0);
  return g.op('Pad', [x, g.ints([...lead, ...w.begins, ...lead, ...ends]), g.scalar(fill, x)]);
}

/** The sizes of the last axes. */
const lastSizes = (x: Value, count: number): number[] =>
  Array.from({ length: count }, (_, i) => x.size(i - count));
