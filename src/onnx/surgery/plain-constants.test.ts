import { expect, it } from 'vitest';
import { execute, noise } from '../../../test/support/execute.js';
import type { Model } from '../graph.js';
import { node } from '../node.js';
import { float32, float32Values, tensor } from '../tensor.js';
import { plainConstants } from './plain-constants.js';

const info = (name: string, shape: readonly number[]) => ({
  name,
  type: { dtype: 'float32' as const, shape },
});

/** y = ((x + a) · b − c) / d: a is listed as an input, b is of 16 bits, c stands in a node, d is b under another name. */
const model: Model = {
  irVersion: 8,
  opsets: new Map([['', 18]]),
  producerName: '',
  producerVersion: '',
  metadata: new Map(),
  graph: {
    name: 'hidden',
    nodes: [
      node('Cast', ['b.half'], ['b'], { to: 1 }),
      node('Constant', [], ['c'], { value: float32('', [3], [7, 8, 9]) }),
      node('Identity', ['b'], ['d']),
      node('Add', ['x', 'a'], ['sum']),
      node('Mul', ['sum', 'b'], ['product']),
      node('Sub', ['product', 'c'], ['difference']),
      node('Div', ['difference', 'd'], ['y']),
    ],
    inputs: [info('x', [2, 3]), info('a', [3])],
    outputs: [info('y', [2, 3])],
    initializers: new Map([
      ['a', float32('a', [3], [1, 2, 3])],
      ['b.half', tensor('b.half', 'float16', [3], [4, 5, 6])],
    ]),
    valueInfo: new Map(),
  },
};

it('makes initializers of constants, however they were written', async () => {
  const { graph } = plainConstants(model);
  expect(graph.nodes.map(({ op }) => op)).toEqual(['Add', 'Mul', 'Sub', 'Div']);
  expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
  const values = Object.fromEntries(
    [...graph.initializers].map(([name, t]) => [name, [...float32Values(t)]]),
  );
  expect(values).toEqual({ a: [1, 2, 3], b: [4, 5, 6], c: [7, 8, 9], d: [4, 5, 6] });
  expect([...graph.initializers.values()].every((t) => t.dtype === 'float32')).toBe(true);
  const x = float32('x', [2, 3], noise(6));
  expect(await execute({ ...model, graph }, [x])).toEqual(await execute(model, [x]));
});
