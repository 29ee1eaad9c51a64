import type { Graph, Tensor } from '../graph.js';
import { everyName, Names } from '../names.js';

/** A graph's constants, and those that surgery adds to them under names that are free. */
export class Additions {
  readonly names: Names;
  readonly initializers: Map<string, Tensor>;

  constructor(graph: Graph) {
    this.names = new Names(everyName(graph));
    this.initializers = new Map(graph.initializers);
  }

  /** Adds a constant by its own name, or by one like it, and gives the name that it got. */
  constant(t: Tensor): string {
    const name = this.names.claim(t.name);
    this.initializers.set(name, { ...t, name });
    return name;
  }
}
