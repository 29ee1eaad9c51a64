/** Names of values: which are taken, and making new ones. */
import type { Graph } from '../graph.js';
import { definedNames, subgraphs } from '../traverse.js';

/** Every name that a graph or a body inside it defines. */
export function everyName(graph: Graph): Set<string> {
  const names = definedNames(graph);
  for (const name of innerNames(graph)) names.add(name);
  return names;
}

/** The names that the bodies inside a graph define, however deep. */
export function innerNames(graph: Graph): Set<string> {
  const names = new Set<string>();
  for (const node of graph.nodes) {
    for (const body of subgraphs(node)) for (const name of everyName(body)) names.add(name);
  }
  return names;
}

/** `name`, or with a number after it where it is taken; the result is taken from then on. */
export function claimName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
  taken.add(free);
  return free;
}

/** @throws RangeError where the graph defines no value of that name. */
export function requireValue(graph: Graph, defined: ReadonlySet<string>, name: string): void {
  if (!defined.has(name)) throw new RangeError(`Graph '${graph.name}' has no value '${name}'`);
}
