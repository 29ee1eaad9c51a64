/** Updates of large matrices, w − factor · d, in one pass over the memory instead of two. */
import {
  everyName,
  type Graph,
  inferKnown,
  isOp,
  type Known,
  type Model,
  Names,
  type Node,
  node,
  producers,
  type Tensor,
  tensor,
  useCounts,
  type ValueInfo,
} from '../../onnx/index.js';
import { isScalar } from '../sizes.js';
import { BLOCKED_DOMAIN } from './layout/builder.js';
import type { BlockSize } from './layout/layouts.js';
import type { StateEntry } from './layout/state.js';

export interface FusedUpdates {
  readonly model: Model;
  /** By name, the shapes that inputs now have, and with them the outputs that renew them; elements stay in order. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

interface Update {
  readonly input: string;
  readonly output: string;
  readonly matrix: readonly number[];
  /** The matrix as a map of one block of channels. */
  readonly map: readonly number[];
  readonly difference: Node;
  readonly product: Node;
  readonly factor: string;
  readonly d: string;
}

/**
 * The model in which such matrices of the state are renewed by a depthwise convolution of one tap over d, with w as its sum: all
 * elements are treated alike, so that their order does not matter.
 * @param state of tensors that are updated in their own memory; elsewhere ONNX Runtime would first copy w, on one thread
 */
export function fuseUpdates(model: Model, state: readonly StateEntry[], block: BlockSize): FusedUpdates {
  const { graph } = model;
  const matrices = state.flatMap((entry) => {
    const matrix = matrixOf(graph, entry.input, block);
    return matrix ? [{ ...entry, matrix }] : [];
  });
  if (matrices.length === 0) return { model, shapes: new Map() };
  const facts = { known: inferKnown(model), makers: producers(graph), uses: useCounts(graph) };
  const updates = matrices.flatMap((entry) => updateOf(entry, facts, block) ?? []);
  const names = new Names(everyName(graph));
  const constants: Tensor[] = [];
  const views = new Map<string, string>();
  const written = new Map<Node, readonly Node[]>();
  const first: Node[] = [];
  for (const { input, output, matrix, map, difference, product, factor, d } of updates) {
    const sized = (op: 'Reshape' | 'Expand', value: string, shape: readonly number[], as: string) => {
      const result = names.claim(`${output}.${as}`);
      const sizes = tensor(names.claim(`${result}.shape`), 'int64', [shape.length], [...shape]);
      constants.push(sizes);
      return { result, node: node(op, [value, sizes.name], [result]) };
    };
    const view = sized('Reshape', input, matrix, 'matrix');
    const negative = names.claim(`${output}.negative`);
    const taps = sized('Expand', negative, [block, 1, 1, 1], 'taps');
    const seen = sized('Reshape', d, map, 'change');
    const attributes = { kernel_shape: [1, 1], group: block };
    const sum = node('Conv', [seen.result, taps.result, '', input], [output], attributes, BLOCKED_DOMAIN);
    first.push(view.node);
    views.set(input, view.result);
    written.set(product, [node('Neg', [factor], [negative]), taps.node, seen.node]).set(difference, [sum]);
  }
  const nodes = graph.nodes.flatMap(
    (each) => written.get(each) ?? [{ ...each, inputs: each.inputs.map((name) => views.get(name) ?? name) }],
  );
  const shapes = new Map(updates.map(({ input, map }) => [input, map]));
  const all = new Map([...shapes, ...updates.map(({ output, map }) => [output, map] as const)]);
  const reshaped = (value: ValueInfo): ValueInfo => {
    const shape = all.get(value.name);
    return shape ? { ...value, type: { dtype: 'float32', shape } } : value;
  };
  const changed: Graph = {
    ...graph,
    inputs: graph.inputs.map(reshaped),
    outputs: graph.outputs.map(reshaped),
    nodes: [...first, ...nodes],
    initializers: new Map([...graph.initializers, ...constants.map((t) => [t.name, t] as const)]),
  };
  return { model: { ...model, graph: changed, opsets: withBlocked(model) }, shapes };
}

/** The sizes of an input, if it is a matrix of whole blocks. */
function matrixOf({ inputs }: Graph, input: string, block: BlockSize): readonly [number, number] | undefined {
  const type = inputs.find(({ name }) => name === input)?.type;
  const [rows, columns, ...more] = type?.shape ?? [];
  if (type?.dtype !== 'float32' || typeof rows !== 'number' || typeof columns !== 'number') return undefined;
  return more.length === 0 && columns % block === 0 ? [rows, columns] : undefined;
}

/** What is known of the graph. */
interface Facts {
  readonly known: ReadonlyMap<string, Known>;
  readonly makers: ReadonlyMap<string, Node>;
  readonly uses: ReadonlyMap<string, number>;
}

/** Undefined if the new value is not w − factor · d. */
function updateOf(
  { input, output, matrix }: StateEntry & { readonly matrix: readonly [number, number] },
  { known, makers, uses }: Facts,
  block: BlockSize,
): Update | undefined {
  const difference = makers.get(output ?? '');
  if (output === undefined || !difference || !isOp(difference, 'Sub') || uses.get(output) !== 1)
    return undefined;
  const [w, change] = difference.inputs as [string, string];
  const product = makers.get(change);
  if (w !== input || !product || !isOp(product, 'Mul') || uses.get(change) !== 1) return undefined;
  const factor = product.inputs.find((name) => isScalar(sizesOf(known.get(name))));
  const d = product.inputs.find((name) => sizesOf(known.get(name))?.join() === matrix.join());
  if (factor === undefined || d === undefined || d === input) return undefined;
  const map = [1, block, matrix[0], matrix[1] / block];
  return { input, output, matrix, map, difference, product, factor, d };
}

const sizesOf = (value: Known | undefined): readonly number[] | undefined =>
  value?.shape?.every((size) => typeof size === 'number') ? (value.shape as number[]) : undefined;

const withBlocked = ({ opsets }: Model): Model['opsets'] => new Map([...opsets, [BLOCKED_DOMAIN, 1]]);
