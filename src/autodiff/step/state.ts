import {
  elementCount,
  float32,
  type GraphBuilder,
  type Model,
  type Tensor,
  type Value,
} from '../../onnx/index.js';
import { nextName, type StateEntry, type StateKind } from './types.js';

/** Collects the state of a step that is being built. */
export class StateWriter {
  readonly entries: StateEntry[] = [];

  constructor(private readonly g: GraphBuilder) {}

  /** A constant of the forward graph that has become an input of the same name. */
  own(kind: 'weight' | 'statistic', initial: Tensor): Value {
    const { name, dims: shape } = initial;
    this.entries.push({ name, kind, of: name, shape, initial });
    return this.g.value(name);
  }

  /** A tensor that accompanies a weight or a statistic, with the same shape. */
  beside(kind: StateKind, of: Tensor, initial: StateEntry['initial'] = 'zeros'): Value {
    const name = `${kind}.${of.name}`;
    this.entries.push({ name, kind, of: of.name, shape: of.dims, initial });
    return this.g.input(name, 'float32', of.dims);
  }

  /** Declares the value of a state tensor after the step. */
  next(current: Value, value: Value): void {
    this.g.output(value, nextName(current.name));
  }
}

/** A state tensor before the first step, by its own name. */
export function initialTensor({ name, shape, initial }: StateEntry): Tensor {
  return initial === 'zeros'
    ? float32(name, shape, new Float32Array(elementCount(shape)))
    : { ...initial, name };
}

/** The part of the state that one graph of a step uses: the inputs, and the outputs that update them, if any. */
export function carriedState(
  { graph }: Model,
  state: readonly Pick<StateEntry, 'name'>[],
): { readonly input: string; readonly output: string | undefined }[] {
  const [inputs, outputs] = [graph.inputs, graph.outputs].map((list) => new Set(list.map((v) => v.name)));
  return state.flatMap(({ name }) => {
    const output = nextName(name);
    return inputs!.has(name) ? [{ input: name, output: outputs!.has(output) ? output : undefined }] : [];
  });
}
