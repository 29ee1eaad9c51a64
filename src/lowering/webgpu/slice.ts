import type { ReplacedNode, ReplacementRule } from '../replacement.js';

/** The indices selected along an axis, in order. */
interface Picked {
  readonly axis: number;
  readonly places: readonly number[];
}

/**
 * The provider's kernel starts at the wrong index for negative steps that stop before the first element (1.30). Such
 * slices become Gathers if the indices are known.
 */
export const slice: ReplacementRule = (c) => {
  const steps = c.numbers(4);
  if (steps === undefined || steps.every((step) => step > 0)) return undefined;
  const picked = pickedBy(c, steps);
  return (
    picked && [
      picked.reduce((x, { axis, places }) => c.g.op('Gather', [x, c.g.ints(places)], { axis }), c.input(0)),
    ]
  );
};

function pickedBy(c: ReplacedNode, steps: readonly number[]): readonly Picked[] | undefined {
  const shape = c.shape(0);
  const [starts, ends] = [c.numbers(1), c.numbers(2)];
  const axes = c.has(3) ? c.numbers(3) : steps.map((_, i) => i);
  if (shape === undefined || starts === undefined || ends === undefined || axes === undefined)
    return undefined;
  const picked: Picked[] = [];
  for (const [i, given] of axes.entries()) {
    const axis = c.axis(given);
    const size = shape[axis];
    if (typeof size !== 'number') return undefined;
    picked.push({ axis, places: placesOf(starts[i]!, ends[i]!, steps[i]!, size) });
  }
  return picked;
}

/** The indices from `start` up to `end` (excluded), which may count from the end or be out of range, as in ONNX. */
function placesOf(start: number, end: number, step: number, size: number): readonly number[] {
  const [before, last] = step > 0 ? [0, size] : [-1, size - 1];
  const bounded = (place: number, lowest: number) =>
    Math.min(Math.max(place < 0 ? place + size : place, lowest), last);
  const [from, to] = [bounded(start, 0), bounded(end, before)];
  const count = Math.max(Math.ceil((to - from) / step), 0);
  return Array.from({ length: count }, (_, i) => from + i * step);
}
