/** A graph that is being rewritten for blocked kernels. */
import {
  GraphBuilder,
  importedOpsets,
  type Model,
  type Node,
  opsetOf,
  producers,
  type TensorType,
  useCounts,
  type Value,
} from '../../onnx/index.js';
import type { BlockSize } from './layout/layouts.js';
import { BlockedValue } from './value.js';

export class BlockedGraph {
  /** The builder of the new graph. */
  readonly g: GraphBuilder;
  private readonly values = new Map<string, BlockedValue>();
  private readonly uses: ReadonlyMap<string, number>;
  private readonly readers = new Map<string, Node[]>();
  private readonly makers: ReadonlyMap<string, Node>;
  private readonly outputs: ReadonlySet<string>;

  constructor(
    model: Model,
    readonly block: BlockSize,
    private readonly types: ReadonlyMap<string, TensorType>,
  ) {
    const { graph } = model;
    const domains = Object.fromEntries(importedOpsets(model));
    this.g = new GraphBuilder({ opset: opsetOf(model), name: graph.name, domains });
    this.uses = useCounts(graph);
    this.outputs = new Set(graph.outputs.map((output) => output.name));
    this.makers = producers(graph);
    for (const node of graph.nodes) {
      for (const name of new Set(node.inputs)) {
        this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
      }
    }
  }

  /** The value of that name, which may not have been written yet. */
  value(name: string): BlockedValue {
    const found = this.values.get(name);
    if (found !== undefined) return found;
    const value = new BlockedValue(this, name, this.types.get(name), {
      uses: this.uses.get(name) ?? 0,
      readers: this.outputs.has(name) ? undefined : (this.readers.get(name) ?? []),
      maker: this.makers.get(name),
    });
    this.values.set(name, value);
    return value;
  }

  /** An additional value in the layout `channels`, written on first use. */
  own(name: string, make: () => Value): BlockedValue {
    const value = new BlockedValue(this, name, undefined);
    value.set('channels', make);
    return value;
  }
}
