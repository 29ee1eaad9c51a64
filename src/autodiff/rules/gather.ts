/** Gather: picks slices of an axis by index. What was picked several times receives the sum. */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import type { GradientRule, GradientRules } from '../context.js';
import { sizeOf, zerosLike } from '../shaping.js';

/** The first opset in which ScatterElements can add. */
const ADDING_OPSET = 16;

const scatterAdd = (g: GraphBuilder, x: Value, indices: Value, updates: Value, axis: number): Value =>
  g.op('ScatterElements', [zerosLike(g, x), indices, updates], { axis, reduction: 'add' });

const gatherRule: GradientRule = (c) => {
  const { g, dy } = c;
  if (g.opset < ADDING_OPSET) c.fail(`opset ${ADDING_OPSET} is needed, the graph is of ${g.opset}`);
  const x = c.input(0);
  const rank = c.rank(0);
  const axis = c.axis(c.int('axis', 0));
  // The axes of the indices become one, instead of the axis.
  const around = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => sizeOf(g, x, from + i));
  const shape = g.op('Concat', [...around(0, axis), g.ints([-1]), ...around(axis + 1, rank)], { axis: 0 });
  const updates = g.op('Reshape', [dy, shape]);
  const line = g.reshape(
    c.input(1),
    Array.from({ length: rank }, (_, i) => (i === axis ? -1 : 1)),
  );
  const indices = g.op('Expand', [line, g.op('Shape', [updates])]);
  return [scatterAdd(g, x, indices, updates, axis)];
};

const gatherElements: GradientRule = (c) => {
  if (c.g.opset < ADDING_OPSET) c.fail(`opset ${ADDING_OPSET} is needed, the graph is of ${c.g.opset}`);
  return [scatterAdd(c.g, c.input(0), c.input(1), c.dy, c.int('axis', 0))];
};

export const gather: GradientRules = { Gather: gatherRule, GatherElements: gatherElements };
