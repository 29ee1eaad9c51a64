/**
 * How much a run computes: how many nodes it executes, those inside a loop once per iteration, those of a function once
 * per call, how many multiply-adds, and how large its values are. A few hundred bytes can demand more than any machine
 * computes in a lifetime or has memory for, and nothing can stop ONNX Runtime during a run, or while it inlines
 * functions and computes constants.
 */
import { floatAttribute, intAttribute, intsAttribute } from './attributes.js';
import { type FunctionDefinition, readFunctions } from './codec/index.js';
import { GraphError, ShapeError } from './errors.js';
import type { Graph, Model, Node } from './graph.js';
import type { Known } from './node-context.js';
import { isOp, nodeLabel, operatorName } from './opsets.js';
import { type BodyOf, inferKnown, type Visit } from './shapes/index.js';
import { constantResolver } from './surgery/constants.js';
import { bitsPerElement, float32Values } from './tensor.js';
import { dependencyOrder, subgraphs } from './traverse.js';
import { workOf } from './work.js';

const EMPTY: Graph = {
  name: '',
  nodes: [],
  inputs: [],
  outputs: [],
  initializers: new Map(),
  valueInfo: new Map(),
};

/** Something that a run has much of. */
interface Measure {
  readonly most: number;
  /** What a graph must do at most. */
  readonly limit: string;
}
/** Takes seconds, and is far more than networks have. */
const NODES: Measure = { most: 1e6, limit: 'execute at most 1000000 nodes' };
/** Takes ten seconds and more. The largest networks for one picture need a hundredth. */
const PRODUCTS: Measure = { most: 1e12, limit: 'compute at most 10^12 multiply-adds' };
/** Of all values of a run, in bytes; VGG-16 has 0.1 GiB of them. */
const VALUES: Measure = { most: 2 ** 32, limit: 'have values of at most 4 GiB' };
/** Maximum depth of functions that call functions: ONNX Runtime takes a minute to unfold 2,000. */
const DEEPEST_CALLS = 100;

/**
 * Accepts a model if a run for one picture executes at most a million nodes with 10^12 multiply-adds, and its values
 * have at most 4 GiB. Sizes that depend on data count as one, and so do those of the batch.
 * @throws GraphError if it computes more, a loop is unbounded, functions are nested too deep, or one calls itself.
 */
export function checkExecutions(model: Model): void {
  const functions = new Map(readFunctions(model).map((f) => [operatorName(f), f]));
  const turns = new Map<Node, number>();
  const products = new Map<Node, number>();
  const addValues = valuesTotal();
  const visit: Visit = (node, inputs, outputs) => {
    if (isOp(node, 'Loop', 'Scan')) turns.set(node, turnsOf(node, inputs));
    products.set(node, workIn(node, inputs, outputs));
    addValues(node, outputs);
  };
  try {
    inferKnown(model, undefined, visit);
  } catch (error) {
    // ONNX Runtime may know better, unless loops need to be known.
    if (!(error instanceof ShapeError) || functions.size > 0 || loops(model.graph.nodes)) throw error;
  }
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
  const sumOf = (nodes: readonly Node[], own: (node: Node) => number, measure: Measure): number =>
    nodes.reduce((sum, node) => {
      const inside = subgraphs(node).reduce((all, body) => all + sumOf(body.nodes, own, measure), 0);
      return sum + checked(nodeLabel(node), own(node) + inside * turnsIn(node), measure);
    }, 0);
  const executed = (nodes: readonly Node[]) =>
    sumOf(nodes, (node) => 1 + (sizes.get(operatorName(node)) ?? 0), NODES);
  const depths = new Map<FunctionDefinition, number>();
  for (const f of callOrder(functions)) {
    const depth = 1 + calledBy(functions, f.nodes).reduce((most, g) => Math.max(most, depths.get(g)!), 0);
    if (depth > DEEPEST_CALLS) {
      throw new GraphError(
        `Function ${operatorName(f)} must be nested at most ${DEEPEST_CALLS} deep, found more`,
      );
    }
    depths.set(f, depth);
    sizes.set(operatorName(f), checked(`Function ${operatorName(f)}`, executed(f.nodes), NODES));
  }
  const { name, nodes } = model.graph;
  checked(`Graph '${name}'`, executed(nodes), NODES);
  checked(
    `Graph '${name}'`,
    sumOf(nodes, (node) => products.get(node) ?? 0, PRODUCTS),
    PRODUCTS,
  );
  if (functions.size > 0) checkCalls(model, functions);
}

/** Checks the values and multiply-adds inside functions, which are few enough to infer each call. */
function checkCalls(model: Model, functions: ReadonlyMap<string, FunctionDefinition>): void {
  const bodyOf: BodyOf = (node) => {
    const f = functions.get(operatorName(node));
    const named = (name: string) => ({ name, type: undefined });
    return f && { ...EMPTY, nodes: f.nodes, inputs: f.inputs.map(named), outputs: f.outputs.map(named) };
  };
  const addValues = valuesTotal();
  /** Of visited nodes, apart from those whose products are in those of a node that executes them, which is visited later. */
  const products = new Map<Node, number>();
  const taken = (node: Node): number => {
    const found = products.get(node) ?? 0;
    products.delete(node);
    return found;
  };
  let tooMuch: unknown;
  const visit: Visit = (node, inputs, outputs) => {
    const called = functions.get(operatorName(node));
    const bodies = called ? [called] : subgraphs(node);
    const inside = bodies.flatMap(({ nodes }) => nodes).reduce((sum, each) => sum + taken(each), 0);
    const turns = isOp(node, 'Loop', 'Scan') ? turnsOf(node, inputs) : 1;
    try {
      const own = workIn(node, inputs, outputs);
      products.set(node, checked(nodeLabel(node), own + inside * turns, PRODUCTS));
      addValues(node, outputs);
    } catch (error) {
      tooMuch = error;
      throw error;
    }
  };
  try {
    inferKnown(model, undefined, visit, bodyOf);
  } catch (error) {
    // Attributes that a call gives are not known here, only to ONNX Runtime.
    if (error === tooMuch) throw error;
  }
  const total = [...products.values()].reduce((sum, each) => sum + each, 0);
  checked(`Graph '${model.graph.name}'`, total, PRODUCTS);
}

/** Adds up the values of visited nodes, each once. @throws GraphError if they are too large */
function valuesTotal(): (node: Node, outputs: readonly (Known | undefined)[]) => void {
  let bytes = 0;
  return (node, outputs) => {
    bytes = outputs.reduce((sum, output) => sum + bytesOf(output), bytes);
    checked(`The graph with ${nodeLabel(node)}`, bytes, VALUES);
  };
}

function checked(subject: string, total: number, { most, limit }: Measure): number {
  if (total <= most) return total;
  throw new GraphError(`${subject} must ${limit}, found ${total}`);
}

type Values = readonly (Known | undefined)[];

const shapeOf = (value: Known | undefined) => value?.shape;

/**
 * `workOf`, and of a RoiAlign that takes a sample per pixel of its regions, however far beyond the picture they reach.
 * @throws GraphError if such regions are unknown
 */
function workIn(node: Node, inputs: Values, outputs: Values): number {
  const work = workOf(node, inputs.map(shapeOf), outputs[0]?.shape);
  if (!isOp(node, 'RoiAlign') || intAttribute(node, 'sampling_ratio', 0) > 0) return work;
  const [maps, regions] = inputs;
  const [channels = null] = maps?.shape?.slice(1) ?? [];
  const corners = regions?.elements;
  if (!corners?.every((corner) => typeof corner === 'number')) {
    throw new GraphError(
      `${nodeLabel(node)} must have known regions or a sampling_ratio above 0, found neither`,
    );
  }
  const scale = floatAttribute(node, 'spatial_scale', 1);
  let pixels = 0;
  for (let i = 0; i + 3 < corners.length; i += 4) {
    const [left, top, right, bottom] = corners.slice(i, i + 4) as [number, number, number, number];
    pixels += Math.max(1, scale * (right - left)) * Math.max(1, scale * (bottom - top));
  }
  return Math.max(work, pixels * (typeof channels === 'number' ? channels : 1));
}

function bytesOf(value: Known | undefined): number {
  const bits = bitsPerElement(value?.dtype ?? 'undefined') ?? 0;
  return (value?.shape ?? []).reduce<number>(
    (n, d) => n * (typeof d === 'number' && Number.isFinite(d) ? d : 1),
    bits / 8,
  );
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
