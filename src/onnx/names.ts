/** Names of values: which are taken, and making new ones. */
import type { Graph } from './graph.js';
import { definedNames, subgraphs } from './traverse.js';

/** Names in use, and new free ones. */
export class Names {
  private readonly taken: Set<string>;
  /** The last number appended to a name. */
  private readonly numbers = new Map<string, number>();

  constructor(taken: Iterable<string> = []) {
    this.taken = new Set(taken);
  }

  has(name: string): boolean {
    return this.taken.has(name);
  }

  add(name: string): void {
    this.taken.add(name);
  }

  /** `name`, with a number appended if it is taken. */
  free(name: string): string {
    let free = name;
    let number = this.numbers.get(name) ?? 1;
    while (this.taken.has(free)) free = `${name}_${++number}`;
    if (free !== name) this.numbers.set(name, number - 1);
    return free;
  }

  /** Like `free`, and marks the result as taken. */
  claim(name: string): string {
    const free = this.free(name);
    this.taken.add(free);
    return free;
  }
}

/** Every name that a graph or a body inside it defines. */
export function everyName(graph: Graph): Set<string> {
  const names = definedNames(graph);
  for (const name of innerNames(graph)) names.add(name);
  return names;
}

/** The names defined by subgraphs at any depth. */
export function innerNames(graph: Graph): Set<string> {
  const names = new Set<string>();
  for (const node of graph.nodes) {
    for (const body of subgraphs(node)) for (const name of everyName(body)) names.add(name);
  }
  return names;
}

/** @throws RangeError if the graph defines no value of that name. */
export function requireValue(graph: Graph, defined: ReadonlySet<string>, name: string): void {
  if (!defined.has(name)) throw new RangeError(`Graph '${graph.name}' has no value '${name}'`);
}
