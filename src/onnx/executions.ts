/**
 * How many nodes a run executes: those inside a loop once per iteration, those of a function once per call. A few
 * hundred bytes can demand more than any machine computes in a lifetime, and nothing can stop ONNX Runtime during a
 * run, or while it inlines functions.
 */
import { intAttribute, intsAttribute } from './attributes.js';
import { type FunctionDefinition, readFunctions } from './codec/index.js';
import { GraphError } from './errors.js';
import type { Graph, Model, Node } from './graph.js';
import type { Known } from './node-context.js';
import { isOp, nodeLabel, operatorName } from './opsets.js';
import { inferKnown } from './shapes/index.js';
import { constantResolver } from './surgery/constants.js';
import { float32Values } from './tensor.js';
import { dependencyOrder, subgraphs } from './traverse.js';

const EMPTY: Graph = {
  name: '',
  nodes: [],
  inputs: [],
  outputs: [],
  initializers: new Map(),
  valueInfo: new Map(),
};

/** Takes seconds, and is far more than networks have. */
const MOST = 1_000_000;
/** Maximum depth of functions that call functions: ONNX Runtime takes a minute to unfold 2,000. */
const DEEPEST_CALLS = 100;

/**
 * Accepts a model if a run executes at most a million nodes. Data-dependent sizes count as one.
 * @throws GraphError if it executes more, a loop is unbounded, functions are nested too deep, or one calls itself.
 */
export function checkExecutions(model: Model): void {
  const functions = new Map(readFunctions(model).map((f) => [operatorName(f), f]));
  if (functions.size === 0 && !loops(model.graph.nodes)) return;
  const turns = new Map<Node, number>();
  inferKnown(model, undefined, (node, inputs) => {
    if (isOp(node, 'Loop', 'Scan')) turns.set(node, turnsOf(node, inputs));
  });
  for (const { nodes } of functions.values()) {
    constantTurns({ ...EMPTY, nodes }, () => undefined, turns);
  }

  const sizes = new Map<string, number>();
  const turnsIn = (node: Node): number => {
    const known = turns.get(node);
    // The bodies of operators without a shape rule are not inferred.
    if (known === undefined && isOp(node, 'Loop')) throw endless(node);
    return known ?? 1;
  };
  const executedBy = (node: Node): number => {
    const inside = subgraphs(node).reduce((sum, body) => sum + executed(body.nodes), 0);
    const unfolded = sizes.get(operatorName(node)) ?? 0;
    return checked(nodeLabel(node), 1 + unfolded + inside * turnsIn(node));
  };
  const executed = (nodes: readonly Node[]) => nodes.reduce((sum, node) => sum + executedBy(node), 0);
  const depths = new Map<FunctionDefinition, number>();
  for (const f of callOrder(functions)) {
    const depth = 1 + calledBy(functions, f.nodes).reduce((most, g) => Math.max(most, depths.get(g)!), 0);
    if (depth > DEEPEST_CALLS) {
      throw new GraphError(
        `Function ${operatorName(f)} must be nested at most ${DEEPEST_CALLS} deep, found more`,
      );
    }
    depths.set(f, depth);
    sizes.set(operatorName(f), checked(`Function ${operatorName(f)}`, executed(f.nodes)));
  }
  checked(`Graph '${model.graph.name}'`, executed(model.graph.nodes));
}

function checked(subject: string, total: number): number {
  if (total <= MOST) return total;
  throw new GraphError(`${subject} must execute at most ${MOST} nodes, found ${total}`);
}

const loops = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => isOp(node, 'Loop', 'Scan') || subgraphs(node).some((body) => loops(body.nodes)));

/** How often the body of a Loop or a Scan is executed. */
function turnsOf(node: Node, inputs: readonly (Known | undefined)[]): number {
  if (isOp(node, 'Scan')) {
    // Once per element of its scanned inputs.
    const first = inputs.length - intAttribute(node, 'num_scan_inputs', 0);
    const length = inputs[first]?.shape?.at(intsAttribute(node, 'scan_input_axes', [])[0] ?? 0);
    return typeof length === 'number' ? length : 1;
  }
  const count = inputs[0]?.elements?.[0];
  if (count === undefined) throw endless(node);
  return typeof count === 'number' ? Math.max(count, 0) : 1;
}

const endless = (node: Node): GraphError =>
  new GraphError(`${nodeLabel(node)} must have a known number of iterations, found an unknown number`);

type Resolve = ReturnType<typeof constantResolver>;

/** `turnsOf` for the nodes of a function, where only constants are known. */
function constantTurns(graph: Graph, outer: Resolve, turns: Map<Node, number>): void {
  const own = constantResolver(graph);
  const resolve: Resolve = (name) => own(name) ?? outer(name);
  for (const node of graph.nodes) {
    if (isOp(node, 'Loop')) {
      const count = resolve(node.inputs[0]);
      if (count === undefined) throw endless(node);
      turns.set(node, float32Values(count)[0] ?? 0);
    }
    for (const body of subgraphs(node)) constantTurns(body, resolve, turns);
  }
}

/** Functions, each after those that it calls. */
function callOrder(functions: ReadonlyMap<string, FunctionDefinition>): FunctionDefinition[] {
  return dependencyOrder(
    functions.values(),
    (f) => calledBy(functions, f.nodes),
    (f) => {
      throw new GraphError(`Function ${operatorName(f)} calls itself`);
    },
  );
}

function calledBy(
  functions: ReadonlyMap<string, FunctionDefinition>,
  nodes: readonly Node[],
): FunctionDefinition[] {
  return nodes.flatMap((node) => [
    ...(functions.get(operatorName(node)) ? [functions.get(operatorName(node))!] : []),
    ...subgraphs(node).flatMap((body) => calledBy(functions, body.nodes)),
  ]);
}
