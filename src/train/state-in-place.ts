/**
 * Large tensors of the state that a step updates in their own memory, so that it holds one copy of them. ONNX Runtime runs
 * nodes in any order that their inputs allow: what reads the old value must be among what the new one depends on.
 */
import {
  DATA_TYPES,
  elementCount,
  everyName,
  inferKnown,
  isOp,
  type Known,
  type Model,
  Names,
  type Node,
  node,
  operatorName,
  producers,
  readNames,
  type Tensor,
  tensor,
} from '../onnx/index.js';
import type { Carried } from './state-memory.js';

/** Below this size a tensor has a second copy, so that a step that fails leaves it unchanged. */
const LARGE_BYTES = 2 ** 24;

/** What ONNX Runtime may leave out or run in its input's memory: whoever reads the result may read the input. */
const VIEWS: ReadonlySet<string> = new Set([
  ...['Cast', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze'],
]);
/** What writes an element after reading those at the same place. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['Add', 'Mul', 'Sub']);

export interface InPlace {
  /** The step, in an order in which that is safe. */
  readonly model: Model;
  /** The inputs whose memory may also receive their outputs. */
  readonly names: ReadonlySet<string>;
}

/**
 * The state tensors of at least that size that may be updated in place. An update of the form w − rate · d, as those of all
 * optimizers are, is made to wait for other readers of w: its rate then depends on what they compute.
 */
export function updatingInPlace(
  model: Model,
  carried: readonly Carried[],
  leastBytes = LARGE_BYTES,
): InPlace {
  const sizes = new Map(model.graph.inputs.map(({ name, type }) => [name, type?.shape]));
  const isLarge = (input: string) => {
    const shape = sizes.get(input);
    const known = shape?.every((size) => typeof size === 'number') ? (shape as number[]) : undefined;
    return known !== undefined && Float32Array.BYTES_PER_ELEMENT * elementCount(known) >= leastBytes;
  };
  const large = carried.filter(({ input, output }) => output !== undefined && isLarge(input));
  if (large.length === 0) return { model, names: new Set() };
  const known = inferKnown(model);
  const names = new Set<string>();
  let ordered = model;
  for (const { input, output } of large) {
    const waiting = waitingForReaders(ordered, known, input, output!);
    if (waiting === undefined) continue;
    ordered = waiting;
    names.add(input);
  }
  return { model: ordered, names };
}

/** The model in which everything that reads `input` runs before `output` is written; undefined if that cannot be had. */
function waitingForReaders(
  model: Model,
  known: ReadonlyMap<string, Known>,
  input: string,
  output: string,
): Model | undefined {
  const { graph } = model;
  const makers = producers(graph);
  const update = makers.get(output);
  const readers = readersOf(model, input);
  if (update === undefined || !ELEMENTWISE.has(operatorName(update)) || readers === undefined)
    return undefined;
  const before = ancestors(update, makers);
  const late = [...readers].filter((reader) => reader !== update && !before.has(reader));
  if (late.length === 0) return model;

  const change = isOp(update, 'Sub') ? makers.get(update.inputs[1]!) : undefined;
  if (change === undefined || !isOp(change, 'Mul')) return undefined;
  const place = change.inputs.findIndex((name) => isScalar(known.get(name)));
  const at = graph.nodes.indexOf(change);
  const orderly = late.every(
    (reader) =>
      graph.nodes.indexOf(reader) < at &&
      !ancestors(reader, makers).has(change) &&
      known.get(reader.outputs[0]!)?.dtype === 'float32',
  );
  if (place < 0 || !orderly) return undefined;

  const { nodes, constants, result } = afterAll(
    new Names(everyName(graph)),
    change.inputs[place]!,
    late.map((reader) => reader.outputs[0]!),
  );
  const waiting = { ...change, inputs: change.inputs.map((name, i) => (i === place ? result : name)) };
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.flatMap((one) => (one === change ? [...nodes, waiting] : [one])),
      initializers: new Map([...graph.initializers, ...constants.map((t) => [t.name, t] as const)]),
    },
  };
}

/** The nodes that may read the memory of a value; undefined if it also leaves the graph. */
function readersOf({ graph }: Model, value: string): Set<Node> | undefined {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const found = new Set<Node>();
  const names = [value];
  for (const name of names) {
    if (outputs.has(name)) return undefined;
    for (const reader of graph.nodes.filter((one) => readNames(one).has(name))) {
      found.add(reader);
      if (VIEWS.has(operatorName(reader))) names.push(...reader.outputs);
    }
  }
  return found;
}

function ancestors(of: Node, makers: ReadonlyMap<string, Node>): Set<Node> {
  const found = new Set<Node>();
  const open = [of];
  for (const one of open) {
    for (const name of readNames(one)) {
      const maker = makers.get(name);
      if (maker === undefined || found.has(maker)) continue;
      found.add(maker);
      open.push(maker);
    }
  }
  return found;
}

const isScalar = (value: Known | undefined): boolean =>
  value?.dtype === 'float32' && value.shape !== undefined && value.shape.every((size) => size === 1);

/**
 * A scalar that is known only when the values are: it plus 0 for each of them. No number is less than itself, not even
 * one that is none, so an overflow does not spread.
 */
function afterAll(
  names: Names,
  scalar: string,
  values: readonly string[],
): { readonly nodes: Node[]; readonly constants: Tensor[]; readonly result: string } {
  const flat = tensor(names.claim('in-place.flat'), 'int64', [1], [-1]);
  const first = tensor(names.claim('in-place.first'), 'int64', [], [0]);
  let result = scalar;
  const nodes = values.flatMap((value) => {
    const part = (name: string) => names.claim(`${value}.${name}`);
    const [row, one, never, zero] = [part('row'), part('one'), part('never'), part('zero')];
    const before = result;
    result = part('waited');
    return [
      node('Reshape', [value, flat.name], [row]),
      node('Gather', [row, first.name], [one]),
      node('Less', [one, one], [never]),
      node('Cast', [never], [zero], { to: DATA_TYPES.float32 }),
      node('Add', [before, zero], [result]),
    ];
  });
  return { nodes, constants: [flat, first], result };
}
