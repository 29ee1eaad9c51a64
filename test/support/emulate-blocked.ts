/**
 * Blocked kernels as standard operators between reorderings written from the table of layouts alone, so that graphs
 * in blocks of any size run on any machine.
 */
import { type BlockSize, inverse, type Layout, transpositionOf } from '../../src/lowering/testing.js';
import {
  float,
  GraphBuilder,
  inferTypes,
  intAttribute,
  type Model,
  type Node,
  stringAttribute,
  type Value,
} from '../../src/onnx/index.js';

const DOMAIN = 'com.microsoft.nchwc';

export function emulateBlocked(model: Model, block: BlockSize): Model {
  const types = inferTypes(model);
  const g = new GraphBuilder({ opset: model.opsets.get('') ?? 20, name: model.graph.name });
  const values = new Map<string, Value>();
  for (const { name, type } of model.graph.inputs) values.set(name, g.input(name, type!.dtype, type!.shape!));
  for (const [name, constant] of model.graph.initializers) values.set(name, g.constant(constant));
  for (const node of model.graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name));
    const outputs =
      node.domain === DOMAIN
        ? [kernel(g, node, inputs, block)]
        : g.custom(node.domain, node.op, node.outputs.length, inputs, {
            attributes: Object.fromEntries(node.attributes),
            types: node.outputs.map((name) => types.get(name)!),
          });
    node.outputs.forEach((name, i) => {
      values.set(name, outputs[i]!);
    });
  }
  for (const { name } of model.graph.outputs) g.output(values.get(name)!, name);
  return { ...g.build(), metadata: model.metadata };
}

function kernel(
  g: GraphBuilder,
  node: Node,
  inputs: readonly (Value | undefined)[],
  block: BlockSize,
): Value {
  const turn = (x: Value, { view, perm }: ReturnType<typeof inverse>) =>
    g.reshape(g.op('Transpose', [g.reshape(x, view)], { perm }), x.shape as number[]);
  const into = (x: Value, layout: Layout) => turn(x, transpositionOf(layout, x.shape as number[], block));
  const outOf = (x: Value, layout: Layout) =>
    turn(x, inverse(transpositionOf(layout, x.shape as number[], block)));
  const [x, w, bias, sum] = inputs;
  const keep = (...names: string[]) =>
    Object.fromEntries([...node.attributes].filter(([name]) => names.includes(name)));
  const window = keep('kernel_shape', 'strides', 'pads', 'dilations', 'group');
  const standard = (op: string, operands: readonly (Value | undefined)[], attributes = {}) =>
    g.custom('', op, 1, operands, { attributes })[0];
  switch (node.op) {
    case 'ReorderInput': {
      const missing = Math.ceil(x!.size(1) / block) * block - x!.size(1);
      const whole = missing ? standard('Pad', [x, g.ints([0, 0, 0, 0, 0, missing, 0, 0])]) : x!;
      return into(whole, 'channels');
    }
    case 'ReorderOutput': {
      const plain = outOf(x!, 'channels');
      const channels = intAttribute(node, 'channels', 0);
      if (channels === plain.size(1)) return plain;
      return standard('Slice', [plain, g.ints([0]), g.ints([channels]), g.ints([1])]);
    }
    case 'MaxPool':
      return into(standard('MaxPool', [outOf(x!, 'channels')], window), 'channels');
    case 'AveragePool':
      return into(
        standard('AveragePool', [outOf(x!, 'channels')], { ...window, ...keep('count_include_pad') }),
        'channels',
      );
    case 'GlobalAveragePool':
      return standard('GlobalAveragePool', [outOf(x!, 'channels')]);
    case 'Conv': {
      const thin = x!.size(1) < block;
      const layout = intAttribute(node, 'group', 1) > 1 ? 'depthwise' : thin ? 'thin' : 'dense';
      const y = standard('Conv', [thin ? x : outOf(x!, 'channels'), outOf(w!, layout), bias], window);
      const summed = sum ? standard('Add', [y, outOf(sum, 'channels')]) : y;
      return into(activated(g, node, summed), 'channels');
    }
    default:
      throw new Error(`${node.op} is not emulated`);
  }
}

function activated(g: GraphBuilder, node: Node, y: Value): Value {
  const activation = stringAttribute(node, 'activation', '');
  if (activation === '') return y;
  const found = node.attributes.get('activation_params');
  const [alpha, beta] = found?.kind === 'floats' ? found.value : [];
  if (activation === 'Clip') return g.op('Clip', [y, g.scalar(alpha!), g.scalar(beta!)]);
  const attributes = {
    alpha: alpha === undefined ? undefined : float(alpha),
    beta: beta === undefined ? undefined : float(beta),
  };
  return g.custom('', activation, 1, [y], { attributes })[0];
}
