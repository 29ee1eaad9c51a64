/** The values of a graph that is being rewritten, in whichever layouts they were asked for. */
import type { GraphBuilder, TensorType, Value } from '../../onnx/index.js';
import { type Relu, relayout } from './kernels/operators.js';
import type { BlockSize, Layout } from './layout/layouts.js';

/** What a kernel adds to its result on the way out. */
export interface Epilogue {
  readonly sum?: Value | undefined;
  readonly relu?: Relu | undefined;
}

/** A result not written yet, in the layout `channels`, so that what follows can be made part of its kernel. */
export interface Deferred {
  readonly finish: (epilogue: Epilogue) => Value;
  /** Whether a bias, the negated shift, is free to be part of the kernel: what normalises does not see it. */
  readonly shifted?: (shift: Value) => Value;
  /**
   * Where only every few positions are other than zero: those, as `[N, C, ceil(H/S), ceil(W/S)]`.
   */
  readonly sparse?: { readonly strides: readonly [number, number]; readonly corner: () => Value };
  /** The result with the positions of such a sparse value added. */
  readonly addSparse?: (
    sparse: NonNullable<Deferred['sparse']>,
  ) => ((epilogue: Epilogue) => Value) | undefined;
}

/** Makes a value in one layout, when it is asked for. */
type Maker = () => Value;

interface Held {
  readonly forms: Map<Layout, Value | Maker>;
  deferred: Deferred | undefined;
}

export class Store {
  private readonly held = new Map<string, Held>();

  constructor(
    readonly g: GraphBuilder,
    readonly block: BlockSize,
    private readonly types: ReadonlyMap<string, TensorType>,
  ) {}

  type(name: string): TensorType | undefined {
    return this.types.get(name);
  }

  /** The sizes of a value, where all are known. */
  sizes(name: string | undefined): readonly number[] | undefined {
    const shape = this.types.get(name ?? '')?.shape;
    return shape?.every((d) => typeof d === 'number') ? (shape as readonly number[]) : undefined;
  }

  /** The sizes of a float32 value `[N, C, H, W]` that blocked kernels can read in the layout `channels`. */
  blockable(name: string | undefined): readonly [number, number, number, number] | undefined {
    const sizes = this.types.get(name ?? '')?.dtype === 'float32' ? this.sizes(name) : undefined;
    if (sizes?.length !== 4 || sizes[1]! % this.block !== 0 || sizes.some((d) => d === 0)) return undefined;
    return sizes as unknown as readonly [number, number, number, number];
  }

  set(name: string, layout: Layout, value: Value | Maker): void {
    if (name === '') return;
    const held = this.held.get(name) ?? { forms: new Map(), deferred: undefined };
    held.forms.set(layout, value);
    this.held.set(name, held);
  }

  defer(name: string, deferred: Deferred): void {
    this.held.set(name, { forms: new Map(), deferred });
  }

  /** What is still open to be made part of a kernel. */
  deferred(name: string): Deferred | undefined {
    const held = this.held.get(name);
    return held?.forms.size ? undefined : held?.deferred;
  }

  /** The layouts in which the value costs no reordering, the plain one last. */
  offered(name: string): Layout[] {
    const held = this.held.get(name);
    const layouts = new Set<Layout>(held?.forms.keys() ?? []);
    if (held?.deferred) layouts.add('channels');
    return [...layouts].sort((a, b) => Number(a === 'plain') - Number(b === 'plain'));
  }

  /** The value in a layout. What was reordered once is kept. */
  in(name: string, layout: Layout): Value {
    const held = this.held.get(name);
    if (held === undefined) throw new RangeError(`The graph has no value '${name}'`);
    if (held.deferred !== undefined && !held.forms.has('channels')) {
      held.forms.set('channels', held.deferred.finish({}));
    }
    const ready = held.forms.get(layout);
    if (ready !== undefined) return this.made(held, layout, ready);
    // From any layout at hand; ready values before those that are still to be made.
    const [from, form] = [...held.forms].sort(
      ([, a], [, b]) => Number(typeof a === 'function') - Number(typeof b === 'function'),
    )[0]!;
    const value = relayout(this.g, this.made(held, from, form), from, layout, this.block);
    held.forms.set(layout, value);
    return value;
  }

  plain(name: string): Value {
    return this.in(name, 'plain');
  }

  private made(held: Held, layout: Layout, form: Value | Maker): Value {
    if (typeof form !== 'function') return form;
    const value = form();
    held.forms.set(layout, value);
    return value;
  }
}
