/** A value of the graph that is being rewritten, in the layouts requested so far. */
import type { DataType, Dim, Known, Node, Shape, TensorType, Value } from '../../onnx/index.js';
import type { Epilogue } from './kernels/operators.js';
import type { KernelBuilder, MapSizes, Operand } from './layout/builder.js';
import { heldSizes } from './layout/fill.js';
import type { Layout } from './layout/layouts.js';
import { relayout, reorderOutput } from './layout/reorder.js';

/** A result not written yet, in the layout `channels`, so that following operators can become part of its kernel. */
export interface Deferred {
  readonly finish: (epilogue: Epilogue) => Value;
  /** Whether the kernel is so cheap that it may run again for another reader. */
  readonly repeatable?: boolean;
  /** Writes the result minus a shift, if the kernel's bias is free: normalising readers do not notice it. */
  readonly shifted?: (shift: Value) => Value;
  /** Writes the result plus one number for each channel of each image, `[N, C, 1, 1]`, in the same pass. */
  readonly offset?: (planes: Value, epilogue: Epilogue) => Value;
  /** For a value that is nonzero only at strided positions: those. */
  readonly sparse?: Sparse;
  /** The result with the positions of a sparse value added. */
  readonly addSparse?: (sparse: Sparse) => ((epilogue: Epilogue) => Value) | undefined;
}

export interface Sparse {
  readonly strides: readonly [number, number];
  /** `[N, C, ceil(H/S), ceil(W/S)]` */
  readonly corner: () => Value;
}

/** How a value is used in the original graph. */
export interface Usage {
  /** How often it is read, graph outputs included. */
  readonly uses: number;
  /** The nodes that read it; undefined if it is also an output of the graph. */
  readonly readers: readonly Node[] | undefined;
  readonly maker: Node | undefined;
}

const UNUSED: Usage = { uses: 0, readers: [], maker: undefined };

/** Writes a value in one layout, on first use. */
type Maker = () => Value;

export class BlockedValue implements Known, Operand {
  readonly dtype: DataType;
  readonly shape: Shape | undefined;
  private readonly forms = new Map<Layout, Value | Maker>();
  private kernel: Deferred | undefined;

  constructor(
    private readonly builder: KernelBuilder,
    readonly name: string,
    type: TensorType | undefined,
    readonly usage: Usage = UNUSED,
  ) {
    this.dtype = type?.dtype ?? 'undefined';
    this.shape = type?.shape;
  }

  get elements(): readonly Dim[] | undefined {
    const plain = this.forms.get('plain');
    return typeof plain === 'object' ? plain.elements : undefined;
  }

  /** The sizes, if all are known. */
  get sizes(): readonly number[] | undefined {
    const { shape } = this;
    return shape?.every((d) => typeof d === 'number') ? shape : undefined;
  }

  /** The sizes of four axes, `[N, C, H, W]` or `[O, I, K, K]`. */
  get sizes4(): MapSizes | undefined {
    const [n, c, h, w, ...more] = this.sizes ?? [];
    return w === undefined || more.length > 0 ? undefined : [n!, c!, h!, w];
  }

  /** The stored sizes of a float32 value `[N, C, H, W]` that blocked kernels can read in the layout `channels`. */
  get blockable(): MapSizes | undefined {
    const { block } = this.builder;
    const sizes = this.dtype === 'float32' ? this.sizes4 : undefined;
    const held = sizes?.every((d) => d > 0) ? heldSizes('channels', sizes, block) : undefined;
    return held && held[1] % block === 0 ? held : undefined;
  }

  /** Whether a layout stores the value with filling channels. */
  fills(layout: Layout): boolean {
    const sizes = this.sizes4;
    return sizes !== undefined && heldSizes(layout, sizes, this.builder.block).join() !== sizes.join();
  }

  /** Sets the value in a layout, or a function that writes it on first use. */
  set(layout: Layout, value: Value | Maker): void {
    this.forms.set(layout, value);
  }

  defer(kernel: Deferred): void {
    this.kernel = kernel;
  }

  /** The kernel that computes the value, while an epilogue can still be added. */
  get deferred(): Deferred | undefined {
    return this.forms.size > 0 ? undefined : this.kernel;
  }

  /**
   * The layout in which the value needs no reordering: a blocked one if there is one, for weights only without filling;
   * undefined if it has no value yet.
   */
  get layout(): Layout | undefined {
    for (const layout of this.forms.keys()) {
      if (layout === 'channels' || (layout !== 'plain' && !this.fills(layout))) return layout;
    }
    if (this.kernel !== undefined) return 'channels';
    return this.forms.has('plain') ? 'plain' : undefined;
  }

  /** Whether the value is available in a layout. */
  offers(layout: Layout): boolean {
    return this.forms.has(layout) || (layout === 'channels' && this.kernel !== undefined);
  }

  /** The value in a layout. Reordered values are cached. */
  in(layout: Layout): Value {
    if (this.kernel !== undefined && !this.forms.has('channels')) {
      this.forms.set('channels', this.kernel.finish({}));
    }
    const ready = this.forms.get(layout);
    if (ready !== undefined) return this.made(layout, ready);
    // From any available layout, preferring values already written.
    const [found] = [...this.forms].sort(
      ([, a], [, b]) => Number(typeof a === 'function') - Number(typeof b === 'function'),
    );
    if (found === undefined) throw new RangeError(`The graph has no value '${this.name}'`);
    const [from, form] = found;
    const value = relayout(this.builder, this.made(from, form), from, layout, this.sizes4);
    this.forms.set(layout, value);
    return value;
  }

  get plain(): Value {
    return this.in('plain');
  }

  plainBlocks(): Value {
    return this.fills('channels') ? reorderOutput(this.builder.g, this.in('channels')) : this.plain;
  }

  private made(layout: Layout, form: Value | Maker): Value {
    if (typeof form !== 'function') return form;
    const value = form();
    this.forms.set(layout, value);
    return value;
  }
}
