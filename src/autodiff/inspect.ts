/** What differentiation reads of a graph that is being built. */
import type { GraphBuilder, Known, Node, Value } from '../onnx/index.js';

// The builder keeps these to itself as far as writing goes; reading them is all that is done here.
interface Inside {
  readonly nodes: readonly Node[];
  readonly values: ReadonlyMap<string, { readonly value: Value; readonly known: Known }>;
}

const inside = (g: GraphBuilder): Inside => g as unknown as Inside;

/** The nodes so far, in an order in which each comes after what it reads. */
export const nodesOf = (g: GraphBuilder): readonly Node[] => [...inside(g).nodes];

/** The value of that name; undefined for none, or one of an unknown type. */
export const valueNamed = (g: GraphBuilder, name: string): Value | undefined =>
  inside(g).values.get(name)?.value;

/** The elements of a small value where every one is a number that follows from constants and shapes. */
export function numbersOf(g: GraphBuilder, value: Value): readonly number[] | undefined {
  const elements = inside(g).values.get(value.name)?.known.value;
  return elements?.every((e) => typeof e === 'number') ? (elements as readonly number[]) : undefined;
}
