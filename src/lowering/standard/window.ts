/** Windows that slide over the axes after batch and channels, and what they see tap by tap. */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import type { ReplacedNode } from '../replacement.js';
import { filled } from '../sizes.js';
import { extent } from './arithmetic.js';

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
  readonly group: number;
}

/** The window that a gradient operator carries in full. */
export function windowOf(c: ReplacedNode, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const pads = c.ints('pads', filled(2 * rank, 0));
  return {
    kernel,
    strides: c.ints('strides', filled(rank, 1)),
    dilations: c.ints('dilations', filled(rank, 1)),
    begins: pads.slice(0, rank),
    ends: pads.slice(rank),
    group: c.int('group', 1),
  };
}

/** The places of a kernel, the last axis running fastest. */
const tapsOf = (kernel: readonly number[]): number[][] =>
  kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => Array.from({ length: size }, (_, k) => [...tap, k])),
    [[]],
  );

/**
 * What each tap of the window sees: for each place of the kernel, of the last axes of `x` an array of the sizes
 * `count`. Padding holds `fill`.
 *
 * Picking every other element is slow, cutting out a block is fast: of the taps that see the same elements but for
 * a shift, the elements are picked once.
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

/** The elements of the last axes from `starts` to before `ends`, or every few of them. */
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

/** `x` with as much padding as the windows reach into: none where they do not. */
function padded(g: GraphBuilder, x: Value, w: Window, count: readonly number[], fill: number): Value {
  const spatial = lastSizes(x, w.kernel.length);
  const ends = spatial.map((size, i) => {
    const reach = (count[i]! - 1) * w.strides[i]! + extent(w.kernel[i]!, w.dilations[i]!);
    return Math.max(reach - size - w.begins[i]!, 0);
  });
  if ([...w.begins, ...ends].every((n) => n === 0)) return x;
  const lead = filled(x.shape!.length - w.kernel.length, 0);
  return g.op('Pad', [x, g.ints([...lead, ...w.begins, ...lead, ...ends]), g.scalar(fill, x)]);
}

/** The sizes of the last axes. */
const lastSizes = (x: Value, count: number): number[] =>
  Array.from({ length: count }, (_, i) => x.size(i - count));
