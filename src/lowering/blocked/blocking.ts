/** A graph being rewritten for blocked kernels: what every rule reads and writes. */
import { GraphBuilder, type Model, type Node, useCounts, type Value } from '../../onnx/index.js';
import type { BlockSize, Layout } from './layout/layouts.js';
import { Store } from './store.js';

/** Mean and variance of each channel of a value, found once for all that normalise by them. */
export interface Moments {
  /** The value as it is held, `[N, C, H, W]` in the layout `channels`: with a shift taken off where there is one. */
  readonly x: Value;
  /** `[C]`, of the value as it is held. */
  readonly mean: Value;
  /** `[C]`, of the population. */
  readonly variance: Value;
  /** `[C]`, of the value as it was. */
  readonly trueMean: Value;
}

/** Writes a node's replacement; false, with nothing written, where the plain operator is to stand. */
export type Rule = (b: Blocking, node: Node) => boolean;

/** A product of a tensor, in some layout, and one number. */
export interface Scaled {
  readonly x: string;
  readonly factor: string;
  readonly layout: Layout;
}

/** A value that is held up to a factor on each channel, for readers that can put the factor elsewhere. */
export interface Factored {
  /** The name by which the store has the value without the factor. */
  readonly name: string;
  /** `[C, 1, 1, 1]` */
  readonly factor: Value;
}

export class Blocking {
  readonly g: GraphBuilder;
  readonly store: Store;
  /** Of values that are normalised, by name. */
  readonly moments = new Map<string, Moments>();
  /** Weights whose blocks are transposed, for input gradients, by the names of the weights and of the factor on them. */
  readonly flipped = new Map<string, Value>();
  /** Products of a tensor and a number that are not written yet, by name. */
  readonly scaled = new Map<string, Scaled>();
  /** Numbers as the weights of a depthwise convolution. */
  readonly factors = new Map<string, Value>();
  /** Gradients of which all readers take the factor apart, by name. */
  readonly factored = new Map<string, Factored>();
  private readonly uses: ReadonlyMap<string, number>;
  private readonly readers = new Map<string, Node[]>();
  private readonly made = new Map<string, Node>();

  constructor(
    readonly model: Model,
    readonly block: BlockSize,
    types: ConstructorParameters<typeof Store>[2],
  ) {
    const domains = [...model.opsets].filter(([domain]) => domain !== '' && domain !== 'ai.onnx');
    this.g = new GraphBuilder({
      opset: model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? 1,
      name: model.graph.name,
      domains: Object.fromEntries(domains),
    });
    this.store = new Store(this.g, block, types);
    this.uses = useCounts(model.graph);
    for (const node of model.graph.nodes) {
      for (const name of node.outputs) this.made.set(name, node);
      for (const name of new Set(node.inputs)) {
        this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
      }
    }
  }

  wanted(name: string | undefined): name is string {
    return (this.uses.get(name ?? '') ?? 0) > 0;
  }

  usedOnce(name: string): boolean {
    return this.uses.get(name) === 1;
  }

  /** The nodes that read a value; undefined where it is an output of the graph too. */
  readersOf(name: string): readonly Node[] | undefined {
    return this.model.graph.outputs.some((o) => o.name === name) ? undefined : (this.readers.get(name) ?? []);
  }

  maker(name: string): Node | undefined {
    return this.made.get(name);
  }

  /** The elements of a constant list of integers. */
  constantInts(name: string | undefined): readonly number[] | undefined {
    const constant = this.model.graph.initializers.get(name ?? '');
    if (constant?.dtype !== 'int64') return undefined;
    const view = new DataView(constant.data.buffer, constant.data.byteOffset, constant.data.byteLength);
    return Array.from({ length: constant.data.length / 8 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  }

  /** `x`, in the layout `channels`, seen with its blocks as axes: `[N, C/B, H, W, B]`. */
  axes(x: Value): Value {
    const [n, c, h, w] = x.shape as number[];
    return this.g.reshape(x, [n!, c! / this.block, h!, w!, this.block]);
  }
}
