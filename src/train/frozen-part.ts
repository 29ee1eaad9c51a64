/**
 * Divides a stage's graph into a frozen part, whose outputs for a face are the same in each epoch, and the rest, which reads
 * them. If these outputs are kept, an epoch runs only the rest.
 */
import { inferenceGraph } from '../autodiff/index.js';
import { cut, inferTypes, type Model, readNames, type Tensor } from '../onnx/index.js';
import { type Assembled, weightNames } from './graph/index.js';

/** A value between the parts. */
export interface FrozenValue {
  readonly name: string;
  /** Of one face. */
  readonly shape: readonly number[];
}

export interface FrozenPart {
  /** From pictures to the values, in its inference form. */
  readonly stem: Model;
  readonly values: readonly FrozenValue[];
  /** The rest: its graph has these values as inputs in the place of pictures. */
  readonly rest: Assembled;
}

/** Operators that take time. */
const HEAVY = new Set(['Conv', 'MatMul', 'Gemm']);

/**
 * Cuts the graph where values of pictures that no update changes are read by others.
 * @param trained the names of all constants that updates change
 * @returns undefined if nothing that takes time is frozen
 */
export function frozenPart(
  assembled: Assembled,
  weights: ReadonlyMap<string, Tensor>,
  trained: Iterable<string>,
): FrozenPart | undefined {
  const { forward, images } = assembled;
  const { graph } = forward;
  const changing = new Set(trained);
  const frozen = new Set([images]);
  const read = new Set<string>();
  let heavy = false;
  for (const node of graph.nodes) {
    const inputs = [...readNames(node)];
    // Dropout differs from update to update, whatever it reads.
    if (node.op === 'Dropout' || inputs.some((name) => changing.has(name))) {
      for (const name of inputs) if (frozen.has(name)) read.add(name);
      for (const name of node.outputs) changing.add(name);
    } else if (inputs.some((name) => frozen.has(name))) {
      for (const name of node.outputs) frozen.add(name);
      heavy ||= HEAVY.has(node.op);
    }
  }
  for (const { name } of graph.outputs) if (frozen.has(name)) read.add(name);
  read.delete('');
  if (!heavy || read.size === 0 || read.has(images)) return undefined;
  const types = inferTypes(forward);
  const values = [...read].map((name) => ({ name, type: types.get(name) }));
  const isFixed = (shape: readonly unknown[]): shape is number[] =>
    shape.every((size) => typeof size === 'number');
  const known = values.flatMap(({ name, type }) => {
    const [first, ...shape] = type?.shape ?? [];
    return type?.dtype === 'float32' && typeof first === 'string' && isFixed(shape) ? [{ name, shape }] : [];
  });
  if (known.length < values.length) return undefined;
  const names = known.map(({ name }) => name);
  const others = graph.inputs.flatMap(({ name }) =>
    name === images || graph.initializers.has(name) ? [] : [name],
  );
  const rest = cut(forward, {
    inputs: [...names, ...others],
    outputs: graph.outputs.map(({ name }) => name),
  });
  const has = (name: string) => rest.graph.initializers.has(name);
  return {
    stem: inferenceGraph(forward, weights, names),
    values: known,
    rest: {
      ...assembled,
      forward: rest,
      backbone: assembled.backbone.filter(has),
      heads: assembled.heads.filter(has),
      statistics: assembled.statistics.filter(has),
      shares: assembled.shares.filter(has),
    },
  };
}

/** The weights of a graph among others. */
export const weightsOf = (
  assembled: Assembled,
  weights: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> =>
  new Map(weightNames(assembled).map((name) => [name, weights.get(name)!] as const));
