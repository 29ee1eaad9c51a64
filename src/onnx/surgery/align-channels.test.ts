import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { writeModel } from '../codec/index.js';
import type { Model } from '../graph.js';
import { node } from '../node.js';
import { float32, int64s } from '../tensor.js';
import { alignChannels } from './align-channels.js';

let seed = 1;
const random = (count: number) =>
  Float32Array.from({ length: count }, () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return seed / 2 ** 31 - 1;
  });
const weight = (name: string, ...dims: number[]) =>
  float32(name, dims, random(dims.reduce((a, b) => a * b, 1)));

/** A bottleneck with a skip that gains channels, as face detectors have them, under two heads. */
function narrow(): Model {
  const initializers = [
    weight('stem', 12, 3, 3, 3),
    weight('stem.bias', 12),
    weight('depthwise', 12, 1, 3, 3),
    weight('depthwise.bias', 12),
    weight('point', 20, 12, 1, 1),
    int64s('pads', [0, 0, 0, 0, 0, 8, 0, 0]),
    weight('head', 5, 20, 1, 1),
    weight('side', 3, 20, 1, 1),
    weight('side.scale', 1, 3, 1, 1),
  ];
  const same = { pads: [1, 1, 1, 1] };
  return {
    irVersion: 9,
    opsets: new Map([['', 17]]),
    metadata: new Map(),
    producerName: '',
    producerVersion: '',
    graph: {
      name: 'narrow',
      inputs: [{ name: 'x', type: { dtype: 'float32', shape: [1, 3, 'H', 'W'] } }],
      outputs: ['y', 'z'].map((name) => ({ name, type: { dtype: 'float32', shape: undefined } })),
      initializers: new Map(initializers.map((t) => [t.name, t])),
      valueInfo: new Map(),
      nodes: [
        node('Conv', ['x', 'stem', 'stem.bias'], ['a'], { ...same, strides: [2, 2] }),
        node('Relu', ['a'], ['b']),
        node('Conv', ['b', 'depthwise', 'depthwise.bias'], ['c'], { ...same, group: 12 }),
        node('Conv', ['c', 'point'], ['d']),
        node('Pad', ['b', 'pads'], ['e']),
        node('Add', ['e', 'd'], ['f']),
        node('Sigmoid', ['f'], ['g']),
        node('Conv', ['g', 'head'], ['y']),
        node('Conv', ['g', 'side'], ['h']),
        node('Mul', ['h', 'side.scale'], ['z']),
      ],
    },
  };
}

async function run(model: Model) {
  const session = await ort.InferenceSession.create(writeModel(model), { logSeverityLevel: 3 });
  seed = 7;
  return session.run({ x: new ort.Tensor('float32', random(3 * 20 * 28), [1, 3, 20, 28]) });
}

describe('alignChannels', () => {
  it.each([8, 16])('computes the same with channels in multiples of %d', async (multiple) => {
    const model = narrow();
    const aligned = alignChannels(model, multiple);
    const [expected, found] = [await run(model), await run(aligned)];
    for (const name of ['y', 'z']) {
      expect(found[name]!.dims).toEqual(expected[name]!.dims);
      const data = expected[name]!.data as Float32Array;
      (found[name]!.data as Float32Array).forEach((v, i) => {
        expect(v).toBeCloseTo(data[i]!, 4);
      });
    }
  });

  it('widens what stays inside and leaves what others see', () => {
    const dims = (name: string) => alignChannels(narrow(), 16).graph.initializers.get(name)?.dims;
    expect(dims('stem')).toEqual([16, 3, 3, 3]);
    expect(dims('depthwise')).toEqual([16, 1, 3, 3]);
    expect(dims('point')).toEqual([32, 16, 1, 1]);
    expect(dims('head')).toEqual([5, 32, 1, 1]);
    // A constant for each channel of z stands beside it.
    expect(dims('side')).toEqual([3, 32, 1, 1]);
  });

  it('turns padding of channels into a convolution', () => {
    const aligned = alignChannels(narrow(), 16);
    expect(aligned.graph.nodes.some((n) => n.op === 'Pad')).toBe(false);
    expect(aligned.graph.initializers.has('pads')).toBe(false);
  });

  it('leaves a weight that two convolutions share', () => {
    const model = narrow();
    const shared = {
      ...model.graph,
      nodes: [...model.graph.nodes, node('Conv', ['b', 'point'], ['unused'])],
    };
    const aligned = alignChannels({ ...model, graph: shared }, 16);
    expect(aligned.graph.initializers.get('point')!.dims).toEqual([20, 12, 1, 1]);
  });
});
