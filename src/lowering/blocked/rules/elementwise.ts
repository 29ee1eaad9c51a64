/** Operators that treat every element alike, in whatever layout their operands share. */
import { floatAttribute, type GraphBuilder, type Node, type Value } from '../../../onnx/index.js';
import { hardSwishSlope } from '../../hard-swish-slope.js';
import { reluMask } from '../../relu-mask.js';
import type { Blocking, Rule } from '../blocking.js';
import type { Relu } from '../kernels/operators.js';
import { isScalar } from '../kernels/sizes.js';
import type { Layout } from '../layout/layouts.js';
import type { Deferred } from '../store.js';
import { finishWith } from './input-gradient.js';
import { scaledOf, scaledSum } from './scaled-sum.js';

/** Operators of ONNX whose result depends on the elements at the same place alone, and has their shape. */
export const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'Where', 'Mod'],
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Not'],
  ...['Relu', 'LeakyRelu', 'Elu', 'Selu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Gelu'],
  ...['Softplus', 'Softsign', 'Mish', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Sign', 'Reciprocal'],
  ...['Floor', 'Ceil', 'Round', 'Cast', 'Identity', 'IsNaN', 'IsInf'],
]);

const same = (a: readonly number[] | undefined, b: readonly number[]): boolean => a?.join() === b.join();

/** The batch of an operand of one number a channel, `[C, 1, 1]` or `[N, C, 1, 1]`. */
function channelOperand(sizes: readonly number[] | undefined, [n, c]: readonly number[]): number | undefined {
  if (sizes === undefined) return undefined;
  const [batch, channels, h, w] = [...new Array<number>(4 - Math.min(sizes.length, 4)).fill(1), ...sizes];
  return channels === c && h === 1 && w === 1 && (batch === 1 || batch === n) ? batch : undefined;
}

export const elementwise: Rule = (b, node) => {
  const { g, store } = b;
  const sizes = store.sizes(node.outputs[0]);
  if (sizes?.length !== 4) return false;
  const operands = node.inputs.filter((name) => name !== '');
  const full = operands.filter((name) => same(store.sizes(name), sizes));
  const layout = full.map((name) => store.offered(name)[0]).find((found) => found && found !== 'plain');
  if (layout === undefined) return false;
  const others = operands.filter((name) => !full.includes(name) && !isScalar(store.sizes(name)));
  if (others.length === 0) {
    write(b, node, layout, (name) => store.in(name, full.includes(name) ? layout : 'plain'));
    return true;
  }
  const batches = others.map((name) => channelOperand(store.sizes(name), sizes));
  if (layout !== 'channels' || batches.some((n) => n === undefined)) return false;
  const [n, c, h, w] = sizes as [number, number, number, number];
  const blocks = c / b.block;
  const operand = (name: string): Value => {
    if (full.includes(name)) return g.reshape(store.in(name, layout), [n, blocks, h * w, b.block]);
    const batch = batches[others.indexOf(name)];
    const value = store.plain(name);
    return batch === undefined ? value : g.reshape(value, [batch, blocks, 1, b.block]);
  };
  write(b, node, layout, operand, (value) => g.reshape(value, sizes));
  return true;
};

function write(
  { g, store }: Blocking,
  node: Node,
  layout: Layout,
  operand: (name: string) => Value,
  shaped: (value: Value) => Value = (value) => value,
): void {
  const inputs = node.inputs.map((name) => (name === '' ? undefined : operand(name)));
  const attributes = Object.fromEntries(node.attributes);
  const [value] = g.custom(node.domain, node.op, 1, inputs, { attributes });
  store.set(node.outputs[0]!, layout, shaped(value));
}

/** Operands that a sum can be made part of, with the other one. */
function fusable(b: Blocking, node: Node): readonly (readonly [Deferred, string])[] {
  const [left, right] = node.inputs as [string, string];
  const pairs = [
    [left, right],
    [right, left],
  ] as const;
  return pairs.flatMap(([one, other]) => {
    const deferred = left !== right && b.usedOnce(one) ? b.store.deferred(one) : undefined;
    return deferred ? [[deferred, other] as const] : [];
  });
}

/** A product with one number waits for a sum to be part of. */
export const multiply: Rule = (b, node) => {
  const [output] = node.outputs as [string];
  const scaled = scaledOf(b, node);
  if (scaled === undefined) return elementwise(b, node);
  b.store.set(output, scaled.layout, () => scaledSum(b, scaled));
  if (b.usedOnce(output)) b.scaled.set(output, scaled);
  return true;
};

/** Writes a sum or difference of which one operand is a product with one number; false where none is. */
function addScaled(b: Blocking, node: Node): boolean {
  const { store } = b;
  const [left, right] = node.inputs as [string, string];
  const [output] = node.outputs as [string];
  if (left === right || !same(store.sizes(left), store.sizes(right) ?? [])) return false;
  const subtract = node.op === 'Sub';
  for (const [product, other] of [[right, left], ...(subtract ? [] : [[left, right]])] as [
    string,
    string,
  ][]) {
    const scaled = b.scaled.get(product);
    if (scaled === undefined) continue;
    store.set(output, scaled.layout, scaledSum(b, scaled, other, subtract));
    return true;
  }
  return false;
}

export const subtract: Rule = (b, node) => addScaled(b, node) || elementwise(b, node);

/** A sum waits for what follows, as part of the kernel that makes one of its operands. */
export const add: Rule = (b, node) => {
  const { store } = b;
  const [left, right] = node.inputs as [string, string];
  const [output] = node.outputs as [string];
  if (addScaled(b, node)) return true;
  const alike = same(store.sizes(left), store.sizes(right) ?? []);
  if (!alike || store.blockable(output) === undefined) return elementwise(b, node);
  const choices = fusable(b, node);
  for (const [deferred, other] of choices) {
    const sparse = b.usedOnce(other) ? store.deferred(other)?.sparse : undefined;
    const finish = sparse && deferred.addSparse?.(sparse);
    if (finish) {
      store.defer(output, { finish });
      return true;
    }
  }
  const [choice] = choices;
  if (choice === undefined) return elementwise(b, node);
  const [deferred, other] = choice;
  store.defer(output, {
    finish: ({ sum, relu }) => {
      const first = store.in(other, 'channels');
      if (sum === undefined) return deferred.finish({ sum: first, relu });
      return finishWith(b, deferred.finish({ sum: first }), { sum, relu });
    },
  });
  return true;
};

export const relu: Rule = (b, node) => rectify(b, node, Number.POSITIVE_INFINITY);

/** A ReLU with a ceiling, where its bounds are constants that say so. */
export const clip: Rule = (b, node) => {
  const [low, high] = node.inputs.slice(1).map((name) => numberIn(b, name));
  return low === 0 && high !== undefined && high > 0 ? rectify(b, node, high) : elementwise(b, node);
};

function rectify(b: Blocking, node: Node, ceiling: Relu): boolean {
  const [x] = node.inputs as [string];
  const deferred = b.usedOnce(x) ? b.store.deferred(x) : undefined;
  if (deferred === undefined) return elementwise(b, node);
  b.store.set(node.outputs[0]!, 'channels', deferred.finish({ relu: ceiling }));
  return true;
}

function numberIn({ g, store }: Blocking, name: string): number | undefined {
  return name === '' || !isScalar(store.sizes(name)) ? undefined : g.numbers(store.plain(name))?.[0];
}

/** dy times what follows from the other operand, element by element. */
const gradient =
  (slope: (g: GraphBuilder, value: Value, node: Node) => Value): Rule =>
  ({ g, store }, node) => {
    const [dy, value] = node.inputs as [string, string];
    const layout = [...store.offered(value), ...store.offered(dy)].find((found) => found !== 'plain');
    const floats = store.sizes(value)?.length === 4 && store.type(value)?.dtype === 'float32';
    if (layout === undefined || !floats) return false;
    store.set(
      node.outputs[0]!,
      layout,
      g.op('Mul', [store.in(dy, layout), slope(g, store.in(value, layout), node)]),
    );
    return true;
  };

/** dy where y > 0 and below the ceiling. */
export const reluGradient = gradient((g, y, node) =>
  reluMask(g, y, floatAttribute(node, 'ceiling', Number.POSITIVE_INFINITY)),
);

export const hardSwishGradient = gradient(hardSwishSlope);
