import { intAttribute, intsAttribute, stringAttribute } from './attributes.js';
import type { Node, Shape } from './graph.js';
import { multiplyAddsOf, product } from './multiply-adds.js';
import { operatorName } from './opsets.js';

/**
 * How many values an operator visits: its multiply-adds, and for operators with windows of a stated size, the values in all
 * of them; 0 for others, and as long as shapes are unknown. Sizes that are not known, such as a batch's, count as 1.
 */
export function workOf(
  node: Node,
  inputs: readonly (Shape | undefined)[],
  output: Shape | undefined,
): number {
  const each = output ? product(output) : 0;
  switch (operatorName(node)) {
    case 'AveragePool':
    case 'LpPool':
    case 'MaxPool':
      return each * product(intsAttribute(node, 'kernel_shape', []));
    case 'RoiAlign':
      return each * Math.max(1, intAttribute(node, 'sampling_ratio', 0)) ** 2;
    case 'LRN':
      return each * intAttribute(node, 'size', 1);
    case 'ConvInteger':
      return each * product(inputs[1]?.slice(1) ?? []);
    case 'QLinearConv':
      return each * product(inputs[3]?.slice(1) ?? []);
    case 'MatMulInteger':
    case 'QLinearMatMul':
      return each * product(inputs[0]?.slice(-1) ?? []);
    case 'Einsum':
      return product([...letterSizes(stringAttribute(node, 'equation', ''), inputs).values()]);
    default:
      return multiplyAddsOf(node, inputs, output);
  }
}

/** The size of each letter of an equation such as `bij,bjk->bik`; three points stand for further dimensions, which are counted too. */
function letterSizes(equation: string, inputs: readonly (Shape | undefined)[]): Map<string, Shape[number]> {
  const sizes = new Map<string, Shape[number]>();
  const terms = equation.replace(/\s|->.*/g, '').split(',');
  terms.forEach((term, i) => {
    const shape = inputs[i] ?? [];
    const [before = '', after = ''] = term.split('...');
    const further = shape.length - before.length - after.length;
    const names = [
      ...before,
      ...Array.from({ length: Math.max(0, further) }, (_, d) => `${further - d}`),
      ...after,
    ];
    for (const [d, name] of names.entries()) sizes.set(name, shape[d] ?? 1);
  });
  return sizes;
}
