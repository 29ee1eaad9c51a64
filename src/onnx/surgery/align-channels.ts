/**
 * Widening of narrow convolutions. ONNX Runtime's CPU convolutions work on channels in blocks of 8 or 16 and leave that
 * layout, copying the tensor, wherever a value's channels are not a multiple of the block. Channels of zero weight cost
 * less than those copies.
 */
import { intAttribute } from '../attributes.js';
import { DisjointSets } from '../disjoint-sets.js';
import type { Model, Node, Tensor } from '../graph.js';
import { node } from '../node.js';
import { isOp, operatorName } from '../opsets.js';
import { inferTypes } from '../shapes/index.js';
import { float32, float32Values, integerValues } from '../tensor.js';
import { readNames, useCounts } from '../traverse.js';
import { Additions } from './additions.js';
import { removeUnused } from './remove-unused.js';

/** Operators that treat every channel separately and alike, so that extra channels do no harm. */
const CHANNELWISE = new Set([
  'Relu',
  'LeakyRelu',
  'Clip',
  'Sigmoid',
  'Tanh',
  'HardSigmoid',
  'HardSwish',
  'Identity',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'Resize',
  'Upsample',
  'Dropout',
]);
/** Operators on several values of the same channels. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Max', 'Min']);

/**
 * The same function with every convolution's channels, where they are internal, widened to a multiple of `multiple` by
 * zero weights. Zero padding of the channel axis becomes a 1×1 identity convolution, which stays in the blocked layout
 * and allows the runtime's fusions.
 *
 * Values with uses or producers that may mix channels keep their width. Outputs are the same up to the order of
 * summation.
 */
export function alignChannels(model: Model, multiple: number): Model {
  const { graph } = model;
  const uses = useCounts(graph);
  const constants = graph.initializers;
  // A weight that several nodes share cannot be widened for one of them.
  const weights = new Map([...constants].filter(([name]) => uses.get(name) === 1));
  const width = channelCounts(model);
  // Groups of values that must have the same number of channels.
  const groups = new DisjointSets();
  const fixed = new Set<string>([...graph.inputs, ...graph.outputs].map((info) => info.name));

  for (const n of graph.nodes) {
    const [input, ...others] = n.inputs;
    const [output] = n.outputs;
    if (isChannelPad(n, constants)) continue;
    if (isConvolution(n, weights)) {
      if (isDepthwise(n, weights)) groups.join(input!, output!);
      else if (intAttribute(n, 'group', 1) !== 1) for (const v of [input!, output!]) fixed.add(v);
    } else if (CHANNELWISE.has(operatorName(n)) && n.outputs.length === 1) {
      groups.join(input!, output!);
    } else if (ELEMENTWISE.has(operatorName(n))) {
      const values = [input!, ...others].filter((name) => !constants.has(name));
      for (const name of values) groups.join(name, output!);
      const alike = values.every((name) => width.get(name) === width.get(output!));
      const scalars = n.inputs.every((name) => (constants.get(name)?.dims.length ?? 0) === 0);
      if (!alike || !scalars) for (const name of [...values, output!]) fixed.add(name);
    } else for (const name of [...readNames(n), ...n.outputs]) fixed.add(name);
  }
  const keep = new Set([...fixed].map((name) => groups.of(name)));
  const widened = (name: string): number => {
    const channels = width.get(name)!;
    return keep.has(groups.of(name)) ? channels : Math.ceil(channels / multiple) * multiple;
  };

  const additions = new Additions(graph);
  const { initializers } = additions;
  const nodes = graph.nodes.map((n) => {
    const [input, weight, bias] = n.inputs;
    const [output] = n.outputs;
    if (isChannelPad(n, constants)) {
      if (!width.has(input!) || !width.has(output!)) return n;
      return identityConvolution(n, width.get(input!)!, widened(input!), widened(output!), additions);
    }
    if (!isConvolution(n, weights) || !width.has(output!) || !width.has(input!)) return n;
    const outputs = widened(output!);
    const depthwise = isDepthwise(n, weights);
    initializers.set(
      weight!,
      widen(constants.get(weight!)!, outputs, depthwise ? 1 : inputsOf(n, widened(input!))),
    );
    if (bias) initializers.set(bias, widen(constants.get(bias)!, outputs));
    if (!depthwise) return n;
    return { ...n, attributes: new Map(n.attributes).set('group', { kind: 'int', value: outputs }) };
  });
  return removeUnused({ ...model, graph: { ...graph, nodes, initializers, valueInfo: new Map() } });
}

const inputsOf = (n: Node, channels: number) => channels / intAttribute(n, 'group', 1);

/** The number of channels of values, where known. */
function channelCounts(model: Model): Map<string, number> {
  const width = new Map<string, number>();
  for (const [name, { shape }] of inferTypes(model)) {
    const channels = shape?.[1];
    if (typeof channels === 'number') width.set(name, channels);
  }
  return width;
}

function isConvolution(n: Node, constants: ReadonlyMap<string, Tensor>): boolean {
  const [, weight = '', bias] = n.inputs;
  const isFloat = (name: string) => constants.get(name)?.dtype === 'float32';
  return isOp(n, 'Conv') && isFloat(weight) && (!bias || isFloat(bias));
}

function isDepthwise(n: Node, constants: ReadonlyMap<string, Tensor>): boolean {
  const group = intAttribute(n, 'group', 1);
  const { dims } = constants.get(n.inputs[1]!)!;
  return group > 1 && dims[0] === group && dims[1] === 1;
}

function isChannelPad(n: Node, constants: ReadonlyMap<string, Tensor>): boolean {
  return channelPad(n, constants) !== undefined;
}

/** The number of channels that a `Pad` appends, if it does nothing else. */
function channelPad(n: Node, constants: ReadonlyMap<string, Tensor>): number | undefined {
  const pads = constants.get(n.inputs[1] ?? '');
  if (!isOp(n, 'Pad') || pads === undefined || n.inputs.length > 2 || n.attributes.has('mode'))
    return undefined;
  const values = integerValues(pads);
  const appended = values[5];
  return values.length === 8 && appended! > 0 && values.every((v, i) => i === 5 || v === 0)
    ? appended
    : undefined;
}

function identityConvolution(
  pad: Node,
  channels: number,
  inputs: number,
  outputs: number,
  additions: Additions,
): Node {
  const values = new Float32Array(outputs * inputs);
  for (let c = 0; c < channels; c++) values[c * inputs + c] = 1;
  const name = additions.constant(float32(`${pad.outputs[0]}/identity`, [outputs, inputs, 1, 1], values));
  return node('Conv', [pad.inputs[0]!, name], pad.outputs, { kernel_shape: [1, 1] });
}

/** A weight `[O, I, ...]` or a bias `[O]` with zeros appended. */
function widen(t: Tensor, outputs: number, inputs = 1): Tensor {
  const [o, i = 1, ...kernel] = t.dims as [number, number?, ...number[]];
  if (o === outputs && i === inputs) return t;
  const taps = kernel.reduce((product, k) => product * k, 1);
  const from = float32Values(t);
  const values = new Float32Array(outputs * inputs * taps);
  for (let row = 0; row < o; row++)
    values.set(from.subarray(row * i * taps, (row + 1) * i * taps), row * inputs * taps);
  return float32(t.name, t.dims.length === 1 ? [outputs] : [outputs, inputs, ...kernel], values);
}
