import { type Layouts, pack, unpack } from '../lowering/index.js';
import { elementCount, float32, type Tensor, tensorValues } from '../onnx/index.js';
import {
  alignedFloats,
  floatData,
  floatTensor,
  type Tensor as RuntimeTensor,
  type Tensors,
} from '../runtime/index.js';
import type { Carried, HeldEntry, StateMemory } from './state-memory.js';

/**
 * The state in host memory, double-buffered: a step reads one copy and writes the other, so that nothing is allocated
 * or copied between steps, and a failed step leaves the state unchanged. Tensors that are updated in place have one
 * copy: a step that fails before it runs leaves them unchanged too. Tensors are aligned to cache lines, in the layout of
 * the step's kernels.
 */
export class HostMemory implements StateMemory {
  private readonly present: Record<string, RuntimeTensor>;
  private readonly spare: Record<string, RuntimeTensor>;

  /**
   * @param inPlace the tensors that have one copy
   * @param shapes that the step gives some tensors instead of their own
   */
  constructor(
    entries: readonly HeldEntry[],
    private readonly layouts: Layouts | undefined,
    inPlace: ReadonlySet<string> = new Set(),
    shapes: ReadonlyMap<string, readonly number[]> = new Map(),
  ) {
    const held = entries.map(({ name, shape }) => ({ name, shape: shapes.get(name) ?? shape }));
    this.present = allocated(held);
    this.spare = { ...this.present, ...allocated(held.filter(({ name }) => !inPlace.has(name))) };
  }

  feeds(carried: readonly Carried[]): Tensors {
    return Object.fromEntries(carried.map(({ input }) => [input, this.present[input]!]));
  }

  fetches(carried: readonly Carried[]): Record<string, RuntimeTensor> {
    return Object.fromEntries(
      carried.flatMap(({ input, output }) => (output === undefined ? [] : [[output, this.spare[input]!]])),
    );
  }

  advance(carried: readonly Carried[]): void {
    for (const { input, output } of carried) {
      if (output === undefined) continue;
      [this.present[input], this.spare[input]] = [this.spare[input]!, this.present[input]!];
    }
  }

  write(tensors: Iterable<Tensor>): void {
    for (const t of tensors) {
      const layout = this.layouts?.byName.get(t.name);
      const values = tensorValues(t) as Float32Array;
      const packed = layout === undefined ? values : pack(values, t.dims, layout, this.layouts!.block);
      floatData(this.present[t.name]!).set(packed);
    }
  }

  clear(entries: readonly HeldEntry[]): void {
    for (const { name } of entries) floatData(this.present[name]!).fill(0);
  }

  async read(entries: readonly HeldEntry[]): Promise<Map<string, Tensor>> {
    return new Map(
      entries.map(({ name, shape }) => {
        const layout = this.layouts?.byName.get(name);
        const values = floatData(this.present[name]!);
        const plain =
          layout === undefined ? values.slice() : unpack(values, shape, layout, this.layouts!.block);
        return [name, float32(name, shape, plain)];
      }),
    );
  }

  async dispose(): Promise<void> {}
}

function allocated(entries: readonly Pick<HeldEntry, 'name' | 'shape'>[]): Record<string, RuntimeTensor> {
  const arrays = alignedFloats(entries.map(({ shape }) => elementCount(shape)));
  return Object.fromEntries(entries.map(({ name, shape }, i) => [name, floatTensor(arrays[i]!, shape)]));
}
