/** Where the state of a training step lies between steps. */
import type { StateEntry } from '../autodiff/index.js';
import type { Tensor } from '../onnx/index.js';
import type { Tensor as RuntimeTensor, Tensors } from '../runtime/index.js';
import { CheckpointError } from './checkpoint.js';

/** A state tensor in a graph: its input, and the output that updates it, if any. */
export interface Carried {
  readonly input: string;
  readonly output: string | undefined;
}

/** A state tensor that has its initial value already. */
export type HeldEntry = Omit<StateEntry, 'initial'>;

/** Whether a tensor persists between steps: gradient sums start every step at zero. */
export const outlastsStep = ({ kind }: HeldEntry): boolean => kind !== 'accumulator';

/** The state's tensors by name. A graph of the step reads and updates the part named by its `carried`. */
export interface StateMemory {
  /** The inputs of a graph. */
  feeds(carried: readonly Carried[]): Tensors;
  /** The tensors to write its outputs to, by name; null for the session's own memory. */
  fetches(carried: readonly Carried[]): Readonly<Record<string, RuntimeTensor | null>>;
  /** Makes the outputs of a run the current state. */
  advance(carried: readonly Carried[], results: Tensors): void;
  /** Replaces tensors with others of the same shapes, in ONNX's own layout. */
  write(tensors: Iterable<Tensor>): void;
  /** Sets these tensors to zero. */
  clear(entries: readonly HeldEntry[]): void;
  /** Copies of these tensors in ONNX's own layout. */
  read(entries: readonly HeldEntry[]): Promise<Map<string, Tensor>>;
  dispose(): Promise<void>;
}

/**
 * The tensors of a state that a step needs.
 * @throws CheckpointError that names the first one that is missing or has another shape.
 */
export function tensorsOf(entries: readonly HeldEntry[], state: ReadonlyMap<string, Tensor>): Tensor[] {
  return entries.map(({ name, shape }) => {
    const found = state.get(name);
    if (found !== undefined && found.dims.join() === shape.join()) return found;
    const described = found === undefined ? 'none' : `[${found.dims.join(', ')}]`;
    throw new CheckpointError(
      `The state must have '${name}' of shape [${shape.join(', ')}], found ${described}`,
    );
  });
}
