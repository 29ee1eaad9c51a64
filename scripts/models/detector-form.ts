/** The detector's network in the form that ONNX Runtime runs fastest, with the same results but for rounding. */
import {
  float32,
  float32Values,
  isOp,
  type Model,
  type Node,
  node,
  producers,
  removeUnused,
  type Tensor,
  tensor,
  useCounts,
} from '../../src/onnx/index.js';

/**
 * The same network for pixels in 0..255 instead of −1..1: the scale goes into the weights of its first convolution, which saves
 * two passes over the picture. That convolution no longer pads: its input must have the row and the column that it used to add
 * below and to the right, of `MIDDLE`.
 * @param input the network's input, read by one convolution of stride 2 and auto_pad SAME_UPPER
 */
export function forPixels(model: Model, input: string): Model {
  const { graph } = model;
  const [first, ...others] = graph.nodes.filter(({ inputs }) => inputs.includes(input));
  if (first === undefined || others.length > 0 || !isOp(first, 'Conv')) {
    throw new Error(`'${input}' must be read by one convolution`);
  }
  const [, weights, bias] = first.inputs;
  const name = (part: string) => `${first.name}/${part}`;
  const attributes = new Map(first.attributes);
  attributes.delete('auto_pad');
  const constants = [float32(name('scale'), [], [1 / MIDDLE]), tensor(name('axes'), 'int64', [3], [1, 2, 3])];
  // ONNX Runtime computes these from constants when it loads the model: w · (v / MIDDLE − 1) = (w / MIDDLE) · v − w.
  const nodes = [
    node('Mul', [weights!, name('scale')], [name('scaled')]),
    node('ReduceSum', [weights!, name('axes')], [name('sum')], { keepdims: 0 }),
    node('Sub', [bias!, name('sum')], [name('shifted')]),
    { ...first, inputs: [input, name('scaled'), name('shifted')], attributes },
  ];
  return {
    ...model,
    graph: {
      ...graph,
      nodes: graph.nodes.flatMap((one) => (one === first ? nodes : [one])),
      initializers: new Map([
        ...graph.initializers,
        ...constants.map((one): [string, Tensor] => [one.name, one]),
      ]),
    },
  };
}

/** The pixel value that the network sees as 0. */
export const MIDDLE = 127.5;

/**
 * Where a residual block has more channels than its input x, the network pads x with zeros, by a product with an identity matrix.
 * Those channels then hold the block's own result alone: relu(pad(x) + y) = [relu(x + y₁), relu(y₂)]. Joining the two parts takes
 * half the time of the product.
 */
export function splitWidening(model: Model): Model {
  const { graph } = model;
  const uses = useCounts(graph);
  const made = producers(graph);
  const initializers = new Map(graph.initializers);
  const removed = new Set<Node>();
  const replaced = new Map<Node, readonly Node[]>();
  for (const relu of graph.nodes.filter((one) => isOp(one, 'Relu'))) {
    const add = made.get(relu.inputs[0]!);
    if (add === undefined || !isOp(add, 'Add')) continue;
    const sources = add.inputs.map((name) => made.get(name));
    const padding = sources.find((one) => one && isPadding(one, graph.initializers));
    const block = sources.find((one) => one !== padding);
    const alone = [add, padding, block].every((one) => one && uses.get(one.outputs[0]!) === 1);
    if (!padding || !block || !isOp(block, 'Conv') || !alone) continue;
    const narrow = graph.initializers.get(padding.inputs[1]!)!.dims[1]!;
    const part = (from: number, to: number | undefined, name: string): Node => {
      const constants = block.inputs.slice(1).map((constant) => {
        const t = graph.initializers.get(constant)!;
        const rows = rowsOf(t, from, to, `${constant}/${name}`);
        initializers.set(rows.name, rows);
        return rows.name;
      });
      const output = `${block.outputs[0]}/${name}`;
      return { ...block, name: output, inputs: [block.inputs[0]!, ...constants], outputs: [output] };
    };
    const [kept, added] = [part(0, narrow, 'kept'), part(narrow, undefined, 'added')];
    const sum = `${add.outputs[0]}/kept`;
    const halves = [`${relu.outputs[0]}/kept`, `${relu.outputs[0]}/added`] as const;
    for (const one of [add, padding, block]) removed.add(one);
    replaced.set(relu, [
      kept,
      node('Add', [padding.inputs[0]!, kept.outputs[0]!], [sum]),
      node('Relu', [sum], [halves[0]]),
      added,
      node('Relu', [added.outputs[0]!], [halves[1]]),
      node('Concat', halves, relu.outputs, { axis: 1 }),
    ]);
  }
  const nodes = graph.nodes.flatMap((one) => (removed.has(one) ? [] : (replaced.get(one) ?? [one])));
  return removeUnused({ ...model, graph: { ...graph, nodes, initializers } });
}

/** Whether a node is a 1 × 1 convolution that passes its channels on and adds channels of zeros. */
function isPadding({ op, inputs }: Node, constants: ReadonlyMap<string, Tensor>): boolean {
  const weights = constants.get(inputs[1] ?? '');
  if (op !== 'Conv' || inputs.length !== 2 || weights === undefined) return false;
  const [out = 0, into = 0, ...window] = weights.dims;
  if (out <= into || window.some((side) => side !== 1)) return false;
  return float32Values(weights).every((value, i) => value === (i % into === Math.floor(i / into) ? 1 : 0));
}

/** Some of the outputs of a convolution's weights or bias. */
function rowsOf(t: Tensor, from: number, to: number | undefined, name: string): Tensor {
  const [rows = 0, ...rest] = t.dims;
  const size = rest.reduce((a, b) => a * b, 1);
  const values = float32Values(t).slice(from * size, (to ?? rows) * size);
  return float32(name, [(to ?? rows) - from, ...rest], values);
}
