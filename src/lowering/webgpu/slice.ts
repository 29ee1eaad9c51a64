import type { GraphBuilder, Node } from '../../onnx/index.js';
import type { Expand } from '../standard/index.js';
import type { Replace } from './replace.js';

/** What is taken along an axis: places, in an order. */
interface Picked {
  readonly axis: number;
  readonly places: readonly number[];
}

/**
 * The provider's kernel starts at the wrong place where it goes backwards and stops before the first element (1.30).
 * What is taken there is gathered instead, where the graph tells the places.
 */
export const slice: Replace = (node, known) => {
  const steps = numbers(known, node, 4);
  if (steps === undefined || steps.every((step) => step > 0)) return undefined;
  const picked = pickedBy(node, known, steps);
  return picked && gathered(picked);
};

const numbers = (known: GraphBuilder, node: Node, input: number): readonly number[] | undefined => {
  const value = node.inputs[input] ? known.find(node.inputs[input]) : undefined;
  return value && known.numbers(value);
};

function pickedBy(node: Node, known: GraphBuilder, steps: readonly number[]): readonly Picked[] | undefined {
  const shape = known.find(node.inputs[0]!)?.shape;
  const [starts, ends] = [numbers(known, node, 1), numbers(known, node, 2)];
  const axes = node.inputs[3] ? numbers(known, node, 3) : steps.map((_, i) => i);
  if (shape === undefined || starts === undefined || ends === undefined || axes === undefined)
    return undefined;
  const picked: Picked[] = [];
  for (const [i, given] of axes.entries()) {
    const axis = given < 0 ? given + shape.length : given;
    const size = shape[axis];
    if (typeof size !== 'number') return undefined;
    picked.push({ axis, places: placesOf(starts[i]!, ends[i]!, steps[i]!, size) });
  }
  return picked;
}

/** The places from `start` to before `end`, which may count from the end and lie outside, as ONNX has it. */
function placesOf(start: number, end: number, step: number, size: number): readonly number[] {
  const [before, last] = step > 0 ? [0, size] : [-1, size - 1];
  const bounded = (place: number, lowest: number) =>
    Math.min(Math.max(place < 0 ? place + size : place, lowest), last);
  const [from, to] = [bounded(start, 0), bounded(end, before)];
  const count = Math.max(Math.ceil((to - from) / step), 0);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

const gathered =
  (picked: readonly Picked[]): Expand =>
  (e) => [
    picked.reduce((x, { axis, places }) => e.g.op('Gather', [x, e.g.ints(places)], { axis }), e.input(0)),
  ];
