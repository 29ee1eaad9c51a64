import { describe, expect, it } from 'vitest';
import { difference, execute } from '../../../test/support/execute.js';
import { float } from '../attributes.js';
import type { Model, Node, Tensor } from '../graph.js';
import { node } from '../node.js';
import { float32, int64s, tensor } from '../tensor.js';
import { keepZeroPadding } from './keep-zero-padding.js';

const AROUND = int64s('pads', [0, 0, 1, 1, 0, 0, 1, 1]);
const POOL = { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0] };
/** Nothing above zero, so that the zeros around are the largest. */
const NEGATIVE = float32(
  'x',
  [1, 2, 4, 4],
  Float32Array.from({ length: 32 }, (_, i) => -1 - ((7 * i) % 32)),
);

function model(nodes: readonly Node[], constants: readonly Tensor[], opset = 20): Model {
  return {
    irVersion: 8,
    opsets: new Map([['', opset]]),
    producerName: '',
    producerVersion: '',
    metadata: new Map(),
    graph: {
      name: 'pooled',
      nodes,
      inputs: [{ name: 'x', type: { dtype: 'float32', shape: [1, 2, 4, 4] } }],
      outputs: [{ name: 'y', type: { dtype: 'float32', shape: undefined } }],
      initializers: new Map(constants.map((t) => [t.name, t])),
      valueInfo: new Map(),
    },
  };
}

const run = async (given: Model, inputs: readonly Tensor[], optimize = false) =>
  (await execute(given, inputs, optimize)).get('y')!;

const pool = (from: string, to = 'y') => node('MaxPool', [from], [to], POOL);

const changed: readonly (readonly [string, Model])[] = [
  ['no value', model([node('Pad', ['x', 'pads'], ['p']), pool('p')], [AROUND])],
  [
    'zeros',
    model([node('Pad', ['x', 'pads', 'value'], ['p']), pool('p')], [AROUND, float32('value', [], [0])]),
  ],
  [
    'zeros of a node',
    model(
      [
        node('Constant', [], ['value'], { value: float32('', [], [0]) }),
        node('Pad', ['x', 'pads', 'value'], ['p']),
        pool('p'),
      ],
      [AROUND],
    ),
  ],
  [
    'computed amounts',
    model(
      [node('Concat', ['half', 'half'], ['pads'], { axis: 0 }), node('Pad', ['x', 'pads'], ['p']), pool('p')],
      [int64s('half', [0, 0, 1, 1])],
    ),
  ],
  [
    'attributes of an older version',
    model(
      [node('Pad', ['x'], ['p'], { pads: [0, 0, 1, 1, 0, 0, 1, 1], value: float(0) }), pool('p')],
      [],
      10,
    ),
  ],
  [
    'zeros in half precision',
    model(
      [
        node('Cast', ['x'], ['h'], { to: 10 }),
        node('Pad', ['h', 'pads', 'value'], ['p']),
        node('Cast', ['p'], ['f'], { to: 1 }),
        pool('f'),
      ],
      [AROUND, tensor('value', 'float16', [], [0])],
    ),
  ],
  [
    'a limit below zero',
    model(
      [node('Clip', ['x', 'low'], ['c']), node('Pad', ['c', 'pads'], ['p']), pool('p')],
      [AROUND, float32('low', [], [-5])],
    ),
  ],
];

describe('zeros around what a MaxPool reads', () => {
  it.each(changed)('count as values, given as %s', async (_name, given) => {
    const kept = keepZeroPadding(given);
    const asWritten = await run(given, [NEGATIVE]);
    // What it is for: once this fails, ONNX Runtime has been mended.
    expect(difference(await run(given, [NEGATIVE], true), asWritten)).toBeGreaterThan(0.5);
    expect(difference(await run(kept, [NEGATIVE]), asWritten)).toBeLessThan(1e-30);
    expect(difference(await run(kept, [NEGATIVE], true), asWritten)).toBeLessThan(1e-30);
  });

  it('are left to ONNX Runtime behind a ReLU', async () => {
    const given = model([node('Relu', ['x'], ['r']), node('Pad', ['r', 'pads'], ['p']), pool('p')], [AROUND]);
    expect(keepZeroPadding(given)).toBe(given);
    const optimised = await run(given, [NEGATIVE], true);
    expect(difference(optimised, await run(given, [NEGATIVE]))).toBe(0);
  });

  it.each([
    ['other numbers', [node('Pad', ['x', 'pads', 'one'], ['p']), pool('p')]],
    ['copies of the edge', [node('Pad', ['x', 'pads'], ['p'], { mode: 'edge' }), pool('p')]],
    ['channels', [node('Pad', ['x', 'channels'], ['p']), pool('p')]],
    ['a convolution', [node('Pad', ['x', 'pads'], ['p']), node('Conv', ['p', 'weight'], ['y'])]],
  ])('are no concern with %s', (_name, nodes) => {
    const constants = [
      AROUND,
      int64s('channels', [0, 0, 0, 0, 0, 2, 0, 0]),
      float32('one', [], [1]),
      float32('weight', [1, 2, 3, 3], new Float32Array(18)),
    ];
    const given = model(nodes, constants);
    expect(keepZeroPadding(given)).toBe(given);
  });

  it('count also where windows see nothing else, behind a ReLU', async () => {
    const wide = int64s('pads', [0, 0, 4, 4, 0, 0, 4, 4]);
    const given = model([node('Relu', ['x'], ['r']), node('Pad', ['r', 'pads'], ['p']), pool('p')], [wide]);
    const kept = await run(keepZeroPadding(given), [NEGATIVE], true);
    expect(difference(kept, await run(given, [NEGATIVE]))).toBe(0);
  });
});
