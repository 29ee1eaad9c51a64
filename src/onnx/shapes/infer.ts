/** The types of all values of a model from any source. */
import type { Dim, Graph, Model, Node, Shape, TensorType, ValueInfo } from '../graph.js';
import { opsetOf } from '../opsets.js';
import type { InferSubgraph, Known } from './context.js';
import { knownTensor } from './creation.js';
import { asDim } from './dims.js';
import { inferNode } from './registry.js';

/** What is known about the values of a graph by name: undefined if nothing, whatever a value of that name outside is. */
type Scope = Map<string, Known | undefined>;

type Find = (name: string) => Known | undefined;

/**
 * Called for every node, including those in subgraphs as far as they are inferred, with what is known about its inputs
 * and outputs.
 */
export type Visit = (
  node: Node,
  inputs: readonly (Known | undefined)[],
  outputs: readonly (Known | undefined)[],
) => void;

/** The graph that a node stands for if it calls a function; undefined for other nodes. */
export type BodyOf = (node: Node) => Graph | undefined;

/** The inferred type, completed by the declared one; inference takes precedence. */
function complete(inferred: Known | undefined, declared: TensorType | undefined): Known | undefined {
  if (declared === undefined) return inferred;
  const noted: Shape | undefined = declared.shape?.map(asDim);
  if (inferred === undefined) return { dtype: declared.dtype, shape: noted };
  const dtype = inferred.dtype === 'undefined' ? declared.dtype : inferred.dtype;
  const { shape, elements } = inferred;
  if (shape === undefined) return { dtype, shape: noted };
  if (noted === undefined || noted.length !== shape.length) return { dtype, shape, elements };
  return { dtype, shape: shape.map((d, i): Dim => d ?? noted[i]!), elements };
}

function inferGraph(
  graph: Graph,
  outer: Find,
  model: Pick<Model, 'opsets'>,
  given: readonly (Known | undefined)[] = [],
  visit?: Visit,
  bodyOf?: BodyOf,
): { readonly own: Scope; readonly find: Find } {
  const own: Scope = new Map();
  const find: Find = (name) => (own.has(name) ? own.get(name) : outer(name));
  const set = (name: string, known: Known | undefined) => {
    if (name !== '') own.set(name, known);
  };
  const declared = new Map<string, ValueInfo>([
    ...graph.valueInfo,
    ...graph.outputs.map((o): [string, ValueInfo] => [o.name, o]),
  ]);
  for (const [name, constant] of graph.initializers) set(name, knownTensor(constant));
  graph.inputs.forEach((input, i) => {
    // An initializer that is also an input is only a default: its type is certain, its elements are not.
    const { elements: _, ...fallback } = own.get(input.name) ?? { dtype: 'undefined', shape: undefined };
    const initial = graph.initializers.has(input.name) ? (fallback as Known) : given[i];
    set(input.name, complete(initial, input.type));
  });
  for (const node of graph.nodes) {
    const subgraph: InferSubgraph = (name, inputs) => {
      const body = node.attributes.get(name);
      if (body?.kind !== 'graph') return [];
      const inner = inferGraph(body.value, find, model, inputs, visit, bodyOf);
      return body.value.outputs.map((o) => inner.find(o.name));
    };
    const call = (body: Graph, inputs: readonly (Known | undefined)[]) => {
      const inner = inferGraph(body, () => undefined, model, inputs, visit, bodyOf);
      return body.outputs.map((o) => inner.find(o.name));
    };
    const inputs = node.inputs.map((name) => (name === '' ? undefined : find(name)));
    const body = bodyOf?.(node);
    const inferred = body
      ? call(body, inputs)
      : inferNode(node, opsetOf(model, node.domain), inputs, subgraph);
    const outputs = node.outputs.map((name, i) => complete(inferred[i], declared.get(name)?.type));
    visit?.(node, inputs, outputs);
    node.outputs.forEach((name, i) => {
      set(name, outputs[i]);
    });
  }
  return { own, find };
}

/**
 * Like `inferTypes`, with the elements of small values that follow from constants and shapes. `given` adds knowledge
 * about inputs beyond the model's own. The bodies of functions are inferred only by `bodyOf`.
 */
export function inferKnown(
  model: Model,
  given: ReadonlyMap<string, Known> = new Map(),
  visit?: Visit,
  bodyOf?: BodyOf,
): ReadonlyMap<string, Known> {
  const inputs = model.graph.inputs.map((input) => given.get(input.name));
  const { own } = inferGraph(model.graph, () => undefined, model, inputs, visit, bodyOf);
  return new Map([...own].filter((entry): entry is [string, Known] => entry[1] !== undefined));
}

/**
 * The types of all values of a model's graph (inputs, constants and inner values; not those inside the bodies of If and
 * Loop) by name. Unknown values are missing; an unknown dimension is null.
 * @throws ShapeError if shapes contradict an operator.
 */
export function inferTypes(model: Model): Map<string, TensorType> {
  return new Map([...inferKnown(model)].map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
}
