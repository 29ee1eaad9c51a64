/**
 * Converts models to a newer opset. Over the versions, attributes became inputs, and a few defaults changed:
 * https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 */
import { attribute, floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import type { Attribute, Model, Node, Shape, Tensor } from '../graph.js';
import { importedOpsets, irVersionFor, nodeLabel, operatorName, opsetOf } from '../opsets.js';
import { inferTypes } from '../shapes/index.js';
import { float32, int64s } from '../tensor.js';
import { subgraphs } from '../traverse.js';
import { Additions } from './additions.js';

/** The first opset in which elementwise operators broadcast as in NumPy; older ones cannot be converted. */
const OLDEST = 7;
const NEWEST = 20;

interface Context {
  readonly from: number;
  readonly shape: (name: string) => Shape | undefined;
  /** Adds a constant under its own name, or a similar free one, and returns the name. */
  readonly constant: (t: Tensor) => string;
}

/** The node in the newer version; the same object if nothing changed. */
type Change = (node: Node, context: Context) => Node;

/**
 * The model in version `opset` of ONNX's operators, unchanged if it is already in that or a newer one.
 * @param opset up to 20
 * @throws RangeError for a version before 7, for graphs inside If, Loop and Scan, and for uses of an operator that the newer version cannot express.
 */
export function raiseOpset(model: Model, opset: number): Model {
  const from = opsetOf(model);
  if (from >= opset) return model;
  if (opset > NEWEST) throw new RangeError(`Models are raised to version ${NEWEST} at most, found ${opset}`);
  const { graph } = model;
  if (from < OLDEST) {
    throw new RangeError(
      `Graph '${graph.name}' is of version ${from} of ONNX's operators; ${OLDEST} and newer can be raised`,
    );
  }
  const types = inferTypes(model);
  const additions = new Additions(graph);
  const context: Context = {
    from,
    shape: (name) => types.get(name)?.shape,
    constant: (t) => additions.constant(t),
  };
  const nodes = graph.nodes.map((node) => {
    if (subgraphs(node).length > 0) throw refusal(node, from, 'graphs inside it are not raised');
    return CHANGES[operatorName(node)]?.(node, context) ?? node;
  });
  return {
    ...model,
    irVersion: Math.max(model.irVersion, irVersionFor(opset)),
    opsets: importedOpsets(model).set('', opset),
    graph: { ...graph, nodes, initializers: additions.initializers },
  };
}

const refusal = (node: Node, from: number, what: string): RangeError =>
  new RangeError(`${nodeLabel(node)} of version ${from} of ONNX's operators cannot be raised: ${what}`);

const without = (node: Node, ...names: string[]): Node => ({
  ...node,
  attributes: new Map([...node.attributes].filter(([name]) => !names.includes(name))),
});

const withAttribute = (node: Node, name: string, value: Attribute): Node => ({
  ...node,
  attributes: new Map(node.attributes).set(name, value),
});

const withInputs = (node: Node, ...added: readonly string[]): Node => {
  const inputs = [node.inputs[0]!, ...added];
  while (inputs.at(-1) === '') inputs.pop();
  return { ...node, inputs };
};

/** A list of integers moves from an attribute to the second input in `version`. */
const listToInput =
  (name: string, version: number): Change =>
  (node, { from, constant }) => {
    const list = intsAttribute(node, name, undefined);
    if (from >= version || list === undefined) return node;
    return withInputs(without(node, name), constant(int64s(`${node.outputs[0]}.${name}`, list)));
  };

/** Before version 13 over all axes from `axis` (default 1); since then along one axis (default the last). */
const softmax: Change = (node, { from, shape }) => {
  if (from >= 13) return node;
  const known = shape(node.inputs[0]!);
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + (known?.length ?? 0) : given;
  const rest = known?.slice(axis);
  if (rest?.slice(1).every((size) => size === 1)) return withAttribute(node, 'axis', attribute(axis));
  if (rest?.slice(0, -1).every((size) => size === 1)) return withAttribute(node, 'axis', attribute(-1));
  throw refusal(node, from, 'it is over several axes');
};

const clip: Change = (node, { from, constant }) => {
  if (from >= 11) return node;
  const limit = (name: string) => {
    const value = floatAttribute(node, name, undefined);
    return value === undefined ? '' : constant(float32(`${node.outputs[0]}.${name}`, [], [value]));
  };
  return withInputs(without(node, 'min', 'max'), limit('min'), limit('max'));
};

/** In inference it does nothing. */
const dropout: Change = (node, { from }) => (from >= 12 ? node : without(node, 'ratio'));

const pad: Change = (node, { from, constant }) => {
  if (from >= 11) return node;
  const name = node.outputs[0]!;
  const pads = constant(int64s(`${name}.pads`, intsAttribute(node, 'pads', [])));
  const value = constant(float32(`${name}.value`, [], [floatAttribute(node, 'value', 0)]));
  return withInputs(without(node, 'pads', 'value'), pads, value);
};

const slice: Change = (node, { from, constant }) => {
  if (from >= 10) return node;
  const starts = intsAttribute(node, 'starts', []);
  const lists = {
    starts,
    ends: intsAttribute(node, 'ends', []),
    axes: intsAttribute(node, 'axes', [...starts.keys()]),
  };
  const names = Object.entries(lists).map(([key, list]) =>
    constant(int64s(`${node.outputs[0]}.${key}`, list)),
  );
  return withInputs(without(node, 'starts', 'ends', 'axes'), ...names);
};

/** Since version 18 it needs the number of parts if their sizes are not given. */
const split: Change = (node, context) => {
  const raised = listToInput('split', 13)(node, context);
  if (context.from >= 18 || raised.inputs[1]) return raised;
  const [size] = [context.shape(node.inputs[0]!)?.at(intAttribute(node, 'axis', 0))];
  if (typeof size === 'number' && size % node.outputs.length !== 0) {
    throw refusal(node, context.from, `${size} is not a multiple of its ${node.outputs.length} outputs`);
  }
  return withAttribute(raised, 'num_outputs', attribute(node.outputs.length));
};

/** Before version 11 coordinates were asymmetric, and 'nearest' rounded down. */
const resize: Change = (node, { from }) => {
  if (from >= 11) {
    if (stringAttribute(node, 'coordinate_transformation_mode', '') !== 'tf_half_pixel_for_nn') return node;
    throw refusal(node, from, "'tf_half_pixel_for_nn' is no longer there");
  }
  return asResize(node, node.inputs[1]!);
};

const upsample: Change = (node, { constant }) => {
  const attribute = node.attributes.get('scales');
  const listed = attribute?.kind === 'floats' ? attribute.value : undefined;
  const scales = listed
    ? constant(float32(`${node.outputs[0]}.scales`, [listed.length], listed))
    : node.inputs[1]!;
  return asResize({ ...without(node, 'scales'), op: 'Resize' }, scales);
};

function asResize(node: Node, scales: string): Node {
  const asymmetric = withAttribute(node, 'coordinate_transformation_mode', attribute('asymmetric'));
  return withInputs(withAttribute(asymmetric, 'nearest_mode', attribute('floor')), '', scales);
}

/** With `spatial` 0 it normalised each element separately. */
const batchNorm: Change = (node, { from }) => {
  if (intAttribute(node, 'spatial', 1) !== 1) throw refusal(node, from, 'it is not spatial');
  return without(node, 'spatial');
};

const GRID_MODES: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' };

const gridSample: Change = (node, { from }) => {
  const mode = stringAttribute(node, 'mode', 'bilinear');
  return from >= 20 ? node : withAttribute(node, 'mode', attribute(GRID_MODES[mode] ?? mode));
};

const REDUCTIONS = ['Max', 'Mean', 'Min', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'];

const CHANGES: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(REDUCTIONS.map((name) => [`Reduce${name}`, listToInput('axes', 18)])),
  ReduceSum: listToInput('axes', 13),
  Squeeze: listToInput('axes', 13),
  Unsqueeze: listToInput('axes', 13),
  Softmax: softmax,
  LogSoftmax: softmax,
  Clip: clip,
  Dropout: dropout,
  Pad: pad,
  Slice: slice,
  Split: split,
  Resize: resize,
  Upsample: upsample,
  BatchNormalization: batchNorm,
  GridSample: gridSample,
};
