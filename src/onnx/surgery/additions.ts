import type { Graph, Tensor } from '../graph.js';
import { everyName, Names } from '../names.js';

/** A graph's constants, and new ones added under free names. */
export class Additions {
  readonly names: Names;
  readonly initializers: Map<string, Tensor>;

  constructor(graph: Graph) {
    this.names = new Names(everyName(graph));
    this.initializers = new Map(graph.initializers);
  }

  /** Adds a constant under its own name, or a similar free one, and returns the name. */
  constant(t: Tensor): string {
    const name = this.names.claim(t.name);
    this.initializers.set(name, { ...t, name });
    return name;
  }
}
