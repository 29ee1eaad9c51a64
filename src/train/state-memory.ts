/** Where the state of a training step lies between steps. */
import type { StateEntry } from '../autodiff/index.js';
import type { Tensor } from '../onnx/index.js';
import type { Tensor as RuntimeTensor, Tensors } from '../runtime/index.js';
import { CheckpointError } from './checkpoint.js';

/** A tensor of the state in a graph: the input that takes it, and the output that renews it, if any does. */
export interface Carried {
  readonly input: string;
  readonly output: string | undefined;
}

/** Whether a tensor lives on from step to step: sums of gradients begin every step at zero. */
export const outlastsStep = ({ kind }: StateEntry): boolean => kind !== 'accumulator';

/** The state's tensors by their names. A graph of the step takes and renews the part that its `carried` names. */
export interface StateMemory {
  /** What a graph reads. */
  feeds(carried: readonly Carried[]): Tensors;
  /** Where it writes by the outputs' names, null for memory of the session's own. */
  fetches(carried: readonly Carried[]): Readonly<Record<string, RuntimeTensor | null>>;
  /** Makes what a run has written the state. */
  advance(carried: readonly Carried[], results: Tensors): void;
  /** Puts tensors instead of the present ones, which are of the same shapes and in ONNX's own layout. */
  write(tensors: Iterable<Tensor>): void;
  /** Makes every element of those tensors zero. */
  clear(entries: readonly StateEntry[]): void;
  /** Those tensors, in ONNX's own layout, copied. */
  read(entries: readonly StateEntry[]): Promise<Map<string, Tensor>>;
  dispose(): Promise<void>;
}

/**
 * The tensors of a state that a step is to take.
 * @throws CheckpointError that names the first that is missing or of another shape.
 */
export function tensorsOf(entries: readonly StateEntry[], state: ReadonlyMap<string, Tensor>): Tensor[] {
  return entries.map(({ name, shape }) => {
    const found = state.get(name);
    if (found !== undefined && found.dims.join() === shape.join()) return found;
    const described = found === undefined ? 'none' : `[${found.dims.join(', ')}]`;
    throw new CheckpointError(
      `The state must have '${name}' of shape [${shape.join(', ')}], found ${described}`,
    );
  });
}
