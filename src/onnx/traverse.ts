/**
 * The values that parts of a graph read and define. The bodies of If, Loop and Scan read values of the graphs around
 * them by name: such a capture is a use like any other.
 */
import type { Attribute, Graph, Node, Tensor, ValueInfo } from './graph.js';

/** The graphs in a node's attributes. */
export function subgraphs(node: Node): Graph[] {
  const found: Graph[] = [];
  for (const a of node.attributes.values()) {
    if (a.kind === 'graph') found.push(a.value);
    else if (a.kind === 'graphs') found.push(...a.value);
  }
  return found;
}

/** The names that a graph itself defines. */
export function definedNames(graph: Graph): Set<string> {
  const names = new Set<string>(graph.initializers.keys());
  for (const input of graph.inputs) names.add(input.name);
  for (const node of graph.nodes) for (const output of node.outputs) names.add(output);
  names.delete('');
  return names;
}

/** The names that a graph reads but does not define: its captures. */
function capturedNames(graph: Graph): Set<string> {
  const names = new Set(graph.outputs.map((o) => o.name));
  for (const node of graph.nodes) for (const name of readNames(node)) names.add(name);
  for (const name of definedNames(graph)) names.delete(name);
  return names;
}

/** The names that a node reads: its inputs, and what its subgraphs capture. */
export function readNames(node: Node): Set<string> {
  const names = new Set(node.inputs);
  for (const graph of subgraphs(node)) for (const name of capturedNames(graph)) names.add(name);
  names.delete('');
  return names;
}

/** How often each value of a graph is read: by its nodes, captures included, and as an output. */
export function useCounts(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const node of graph.nodes) {
    const captured = readNames(node);
    for (const name of node.inputs) {
      if (name !== '') count(name);
      captured.delete(name);
    }
    for (const name of captured) count(name);
  }
  for (const output of graph.outputs) count(output.name);
  return counts;
}

/** The node that computes each value. */
export function producers(graph: Graph): Map<string, Node> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((name): [string, Node] => [name, node])));
}

/**
 * The items and their dependencies in topological order, keeping the given order as far as possible.
 * @param cycle called with an item that depends on itself
 */
export function dependencyOrder<T>(
  items: Iterable<T>,
  dependencies: (item: T) => Iterable<T>,
  cycle: (item: T) => never,
): T[] {
  const order = new Set<T>();
  // Iterative, since chains may be longer than the stack allows.
  const path = new Map<T, Iterator<T>>();
  const stack: T[] = [];
  const enter = (item: T) => {
    if (order.has(item)) return;
    if (path.has(item)) cycle(item);
    path.set(item, dependencies(item)[Symbol.iterator]());
    stack.push(item);
  };
  for (const item of items) {
    enter(item);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const next = path.get(top)!.next();
      if (!next.done) enter(next.value);
      else {
        path.delete(top);
        stack.pop();
        order.add(top);
      }
    }
  }
  return [...order];
}

/**
 * Nodes in topological order, unchanged if they are already in order.
 * @param cycle called with a node that depends on itself
 */
export function inOrder(nodes: readonly Node[], cycle: (node: Node) => never): readonly Node[] {
  const makers = new Map<string, Node>();
  for (const node of nodes) {
    for (const name of node.outputs) if (name !== '' && !makers.has(name)) makers.set(name, node);
  }
  const before = (node: Node) => [...readNames(node)].flatMap((name) => makers.get(name) ?? []);
  const passed = new Set<Node>();
  const sorted = nodes.every((node) => {
    const ready = before(node).every((maker) => passed.has(maker));
    passed.add(node);
    return ready;
  });
  return sorted ? nodes : dependencyOrder(nodes, before, cycle);
}

/** The graph without nodes, constants and notes that its outputs do not depend on. Its inputs all stay. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((o) => o.name));
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((name) => needed.has(name))) return false;
      for (const name of readNames(node)) needed.add(name);
      return true;
    })
    .reverse();
  const inputs = new Set(graph.inputs.map((i) => i.name));
  const made = new Set(nodes.flatMap((node) => node.outputs));
  return {
    ...graph,
    nodes,
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name) || inputs.has(name))),
    valueInfo: new Map([...graph.valueInfo].filter(([name]) => needed.has(name) || made.has(name))),
  };
}

type Names = ReadonlyMap<string, string>;

/** The graph with values renamed wherever they are defined or read, captures in subgraphs included. */
export function renameValues(graph: Graph, names: Names): Graph {
  if (names.size === 0) return graph;
  const to = (name: string) => names.get(name) ?? name;
  const info = (v: ValueInfo): ValueInfo => ({ ...v, name: to(v.name) });
  const constant = (t: Tensor): Tensor => ({ ...t, name: to(t.name) });
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameInNode(node, names)),
    inputs: graph.inputs.map(info),
    outputs: graph.outputs.map(info),
    initializers: new Map([...graph.initializers].map(([name, t]) => [to(name), constant(t)])),
    valueInfo: new Map([...graph.valueInfo].map(([name, v]) => [to(name), info(v)])),
  };
}

function renameInNode(node: Node, names: Names): Node {
  const to = (name: string) => names.get(name) ?? name;
  const body = (graph: Graph): Graph => {
    // A name defined by the subgraph itself is another value.
    const own = definedNames(graph);
    return renameValues(graph, new Map([...names].filter(([name]) => !own.has(name))));
  };
  const carriesGraph = subgraphs(node).length > 0;
  return {
    ...node,
    inputs: node.inputs.map(to),
    outputs: node.outputs.map(to),
    attributes: carriesGraph
      ? new Map(
          [...node.attributes].map(([name, a]): [string, Attribute] => {
            if (a.kind === 'graph') return [name, { ...a, value: body(a.value) }];
            if (a.kind === 'graphs') return [name, { ...a, value: a.value.map(body) }];
            return [name, a];
          }),
        )
      : node.attributes,
  };
}
