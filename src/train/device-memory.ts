import { elementCount, float32, GraphBuilder, type Tensor, tensorValues, writeModel } from '../onnx/index.js';
import {
  type Device,
  floatData,
  floatTensor,
  type Tensor as RuntimeTensor,
  type Session,
  type Tensors,
} from '../runtime/index.js';
import { createSession } from '../runtime/node.js';
import type { Carried, HeldEntry, StateMemory } from './state-memory.js';

/**
 * The state in GPU memory, where the step leaves it: it is read back only for saving. Tensors not yet updated by a step
 * stay in host memory.
 */
export class DeviceMemory implements StateMemory {
  private readonly present = new Map<string, RuntimeTensor>();
  private reader: Promise<Session> | undefined;

  constructor(
    private readonly entries: readonly HeldEntry[],
    private readonly device: Device,
  ) {}

  feeds(carried: readonly Carried[]): Tensors {
    return Object.fromEntries(carried.map(({ input }) => [input, this.present.get(input)!]));
  }

  fetches(carried: readonly Carried[]): Record<string, null> {
    return Object.fromEntries(
      carried.flatMap(({ output }) => (output === undefined ? [] : [[output, null]])),
    );
  }

  advance(carried: readonly Carried[], results: Tensors): void {
    for (const { input, output } of carried) {
      if (output !== undefined) this.replace(input, results[output]!);
    }
  }

  write(tensors: Iterable<Tensor>): void {
    for (const t of tensors) {
      this.replace(t.name, floatTensor((tensorValues(t) as Float32Array).slice(), t.dims));
    }
  }

  clear(entries: readonly HeldEntry[]): void {
    for (const { name, shape } of entries) {
      this.replace(name, floatTensor(new Float32Array(elementCount(shape)), shape));
    }
  }

  async read(entries: readonly HeldEntry[]): Promise<Map<string, Tensor>> {
    this.reader ??= createSession(writeModel(copies(this.entries)), 'reader of the state', {
      device: this.device,
    });
    const reader = await this.reader;
    const found = await reader.run(
      Object.fromEntries(this.entries.map(({ name }) => [name, this.present.get(name)!])),
      entries.map(({ name }) => copyName(name)),
    );
    return new Map(
      entries.map(({ name, shape }) => [name, float32(name, shape, floatData(found[copyName(name)]!))]),
    );
  }

  async dispose(): Promise<void> {
    for (const tensor of this.present.values()) tensor.dispose?.();
    // A failure to load the reader was reported when it was requested.
    await (await this.reader?.catch(() => undefined))?.dispose();
  }

  private replace(name: string, tensor: RuntimeTensor): void {
    this.present.get(name)?.dispose?.();
    this.present.set(name, tensor);
  }
}

const copyName = (name: string): string => `copy.${name}`;

/** An identity graph: running it copies a GPU's tensors to the CPU. */
function copies(entries: readonly HeldEntry[]) {
  const g = new GraphBuilder({ name: 'copies' });
  for (const { name, shape } of entries) {
    g.output(g.op('Identity', [g.input(name, 'float32', shape)]), copyName(name));
  }
  return g.build();
}
