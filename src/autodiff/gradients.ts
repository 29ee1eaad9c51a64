/**
 * Reverse-mode differentiation as a transformation of graphs: from a loss back to the values to differentiate with
 * respect to, each node's rule adds the nodes of its gradient to the graph.
 */
import {
  formatShape,
  type GraphBuilder,
  type Node,
  nodeLabel,
  readNames,
  type Shape,
  type Value,
} from '../onnx/index.js';
import { GradientContext, GradientError } from './context.js';
import { gradientRule } from './registry.js';

export interface GradientOptions {
  /** The gradient of the output, of its shape; 1 if left out, for an output of one element. */
  readonly seed?: Value;
  /** Values treated as constants. */
  readonly stop?: readonly Value[];
}

/**
 * The gradients of `output` with respect to each of `wrt`, in order, as values of the same graph:
 *
 *     const [dw, db] = gradients(g, loss, [w, b]);
 *
 * Several uses of a value add up. Only nodes between `wrt` and `output` are visited, and only gradients that lead to
 * one of `wrt` are built. There is no gradient through integers and booleans, nor through Floor, Ceil, Round and Sign.
 * The graph may contain operators of the domain `agewise` afterwards (see operators.ts), which lowering replaces.
 * @throws GradientError if `output` does not depend on one of `wrt` (all are named: an unused weight must be left out, not trained on zeros), an operator in between has no rule (the node is named), a rule needs an unknown size, or `output` has several elements and there is no seed.
 */
export function gradients(
  g: GraphBuilder,
  output: Value,
  wrt: readonly Value[],
  { seed, stop = [] }: GradientOptions = {},
): Value[] {
  if (seed !== undefined && (seed.dtype !== output.dtype || differ(seed.shape, output.shape))) {
    throw new GradientError(
      `A seed of ${seed.dtype} ${formatShape(seed.shape)} does not fit '${output.name}', ${output.dtype} ${formatShape(output.shape)}`,
    );
  }
  const found = backpropagate(g, output, seed ?? unitSeed(g, output), wrt, stop);
  const missing = wrt.filter((_, i) => found[i] === undefined).map((value) => `'${value.name}'`);
  if (missing.length) {
    throw new GradientError(
      `'${output.name}' does not depend on ${missing.join(', ')} in a differentiable way`,
    );
  }
  return found as Value[];
}

function unitSeed(g: GraphBuilder, output: Value): Value {
  if (!output.shape?.every((d) => d === 1)) {
    throw new GradientError(
      `'${output.name}' of ${formatShape(output.shape)} has more than one element: its gradients need a seed`,
    );
  }
  const one = g.scalar(1, output);
  return output.shape.length === 0
    ? one
    : g.reshape(
        one,
        output.shape.map(() => 1),
      );
}

const isFloating = (value: Value | undefined): boolean => value !== undefined && /^b?float/.test(value.dtype);

function backpropagate(
  g: GraphBuilder,
  output: Value,
  seed: Value,
  wrt: readonly Value[],
  stop: readonly Value[],
): (Value | undefined)[] {
  const nodes = g.currentNodes();
  const stopped = new Set(stop.map((value) => value.name));
  const active = activeValues(g, nodes, wrt, stopped);
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name): [string, Node] => [name, node])));
  const sums = new Map([[output.name, seed]]);
  const add = (name: string, gradient: Value) => {
    const sum = sums.get(name);
    sums.set(name, sum === undefined ? gradient : g.op('Add', [sum, gradient]));
  };

  for (const node of nodes.toReversed()) {
    const flowing = node.outputs.map((name) =>
      active.has(name) && !stopped.has(name) ? sums.get(name) : undefined,
    );
    if (flowing.every((gradient) => gradient === undefined)) continue;
    // A value of `wrt`: its own inputs do not matter.
    if (![...readNames(node)].some((name) => active.has(name))) continue;
    g.scope('gradient', () =>
      inputGradients(g, node, flowing, active, makers).forEach((gradient, i) => {
        const name = node.inputs[i];
        if (gradient !== undefined && name !== undefined && active.has(name)) add(name, gradient);
      }),
    );
  }
  return wrt.map((value) => sums.get(value.name));
}

/** The floating-point values that depend on one of `wrt` without passing through a stopped value. */
function activeValues(
  g: GraphBuilder,
  nodes: readonly Node[],
  wrt: readonly Value[],
  stopped: ReadonlySet<string>,
): ReadonlySet<string> {
  const active = new Set(wrt.map((value) => value.name));
  for (const node of nodes) {
    if (![...readNames(node)].some((name) => active.has(name))) continue;
    for (const name of node.outputs) {
      if (name !== '' && !stopped.has(name) && isFloating(g.find(name))) active.add(name);
    }
  }
  return active;
}

function inputGradients(
  g: GraphBuilder,
  node: Node,
  flowing: readonly (Value | undefined)[],
  active: ReadonlySet<string>,
  makers: ReadonlyMap<string, Node>,
): readonly (Value | undefined)[] {
  const rule = gradientRule(node);
  if (rule === undefined) throw new GradientError(`No gradient rule for ${nodeLabel(node)}`);
  const needed = node.inputs.map((name) => active.has(name));
  const context = new GradientContext(g, node, flowing, needed, makers);
  const result = g.scope(node.name || node.op, () => rule(context));
  result.forEach((gradient, i) => {
    if (gradient !== undefined && needed[i]) checkShape(context, i, gradient);
  });
  return result;
}

/** Whether two shapes contradict each other, as far as they are known. */
function differ(a: Shape | undefined, b: Shape | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return (
    a.length !== b.length || a.some((d, i) => typeof d === 'number' && typeof b[i] === 'number' && d !== b[i])
  );
}

/** A gradient with a shape other than its input's would go unnoticed if it broadcasts. */
function checkShape(c: GradientContext, i: number, gradient: Value): void {
  const expected = c.input(i).shape;
  if (differ(expected, gradient.shape)) {
    c.fail(`the rule gave ${formatShape(gradient.shape)} for input ${i} of ${formatShape(expected)}`);
  }
}
