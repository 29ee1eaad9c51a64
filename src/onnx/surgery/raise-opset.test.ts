import { describe, expect, it } from 'vitest';
import { difference, execute, noise } from '../../../test/support/execute.js';
import { type AttributeInput, float, floats } from '../attributes.js';
import type { Model, Tensor } from '../graph.js';
import { node } from '../node.js';
import { float32, int64s } from '../tensor.js';
import { raiseOpset } from './raise-opset.js';

const NEW = 20;

/** A model of an old version of one operator, x to y. */
function model(
  opset: number,
  op: string,
  shape: readonly number[],
  attributes: Readonly<Record<string, AttributeInput>> = {},
  constants: readonly Tensor[] = [],
  outputs: readonly string[] = ['y'],
): Model {
  const names = constants.map((t) => t.name);
  const info = (name: string, dims: readonly number[] | undefined) => ({
    name,
    type: { dtype: 'float32' as const, shape: dims },
  });
  return {
    irVersion: 8,
    opsets: new Map([['', opset]]),
    producerName: '',
    producerVersion: '',
    metadata: new Map(),
    graph: {
      name: 'old',
      nodes: [node(op, ['x', ...names], outputs, attributes)],
      inputs: [info('x', shape)],
      outputs: outputs.map((name) => info(name, undefined)),
      initializers: new Map(constants.map((t) => [t.name, t])),
      valueInfo: new Map(),
    },
  };
}

const input = (dims: readonly number[]) => float32('x', dims, noise(dims.reduce((a, b) => a * b, 1)));
const per = (name: string, values: readonly number[]) => float32(name, [values.length], values);

// ONNX Runtime reads the old versions itself.
describe('a model of an older operator set', () => {
  it.each<[string, Model]>([
    ['Squeeze', model(11, 'Squeeze', [2, 1, 3], { axes: [1] })],
    ['Squeeze of whatever is 1', model(11, 'Squeeze', [2, 1, 3])],
    ['Unsqueeze', model(11, 'Unsqueeze', [2, 3], { axes: [0, 3] })],
    ['ReduceSum', model(11, 'ReduceSum', [2, 3, 4], { axes: [1], keepdims: 0 })],
    ['ReduceMean', model(13, 'ReduceMean', [2, 3, 4], { axes: [1, 2] })],
    ['ReduceMax', model(11, 'ReduceMax', [2, 3, 4], { axes: [-1], keepdims: 0 })],
    ['ReduceMean over everything', model(13, 'ReduceMean', [2, 3])],
    ['Softmax', model(11, 'Softmax', [2, 5])],
    ['Softmax over maps of a pixel', model(9, 'Softmax', [2, 5, 1, 1])],
    ['Softmax of the last axis', model(11, 'LogSoftmax', [2, 3, 5], { axis: 2 })],
    ['Softmax behind an axis of 1', model(11, 'Softmax', [2, 1, 5])],
    ['Clip', model(10, 'Clip', [2, 3], { min: float(-0.25), max: float(0.5) })],
    ['Clip from below', model(7, 'Clip', [2, 3], { min: float(0) })],
    ['Dropout', model(10, 'Dropout', [2, 3], { ratio: float(0.5) })],
    ['Pad', model(10, 'Pad', [1, 2, 3], { pads: [0, 1, 2, 0, 0, 1], value: float(3) })],
    ['Slice', model(9, 'Slice', [4, 5, 6], { starts: [1, -2], ends: [3, 100], axes: [0, 2] })],
    ['Slice of the first axes', model(9, 'Slice', [4, 5], { starts: [1], ends: [3] })],
    ['Split by sizes', model(11, 'Split', [5, 2], { split: [2, 3], axis: 0 }, [], ['a', 'b'])],
    ['Split into equals', model(13, 'Split', [2, 6], { axis: 1 }, [], ['a', 'b', 'c'])],
    ['Upsample', model(7, 'Upsample', [1, 2, 3, 4], { mode: 'nearest', scales: floats([1, 1, 2, 3]) })],
    [
      'Upsample by an input',
      model(9, 'Upsample', [1, 2, 3, 4], { mode: 'linear' }, [per('s', [1, 1, 2, 2])]),
    ],
    ['Resize', model(10, 'Resize', [1, 2, 4, 6], { mode: 'nearest' }, [per('s', [1, 1, 1.5, 0.5])])],
    [
      'BatchNormalization',
      model(7, 'BatchNormalization', [2, 2, 3, 3], { spatial: 1, epsilon: float(1e-3) }, [
        per('scale', [1, 2]),
        per('bias', [3, 4]),
        per('mean', [0.5, -0.5]),
        per('variance', [1, 2]),
      ]),
    ],
    [
      'GridSample',
      model(16, 'GridSample', [1, 1, 4, 4], { mode: 'bilinear' }, [
        float32('grid', [1, 2, 2, 2], noise(8, 3)),
      ]),
    ],
    ['what did not change', model(7, 'Reshape', [2, 6], {}, [int64s('shape', [3, 4])])],
  ])('computes the same in a newer one: %s', async (_what, old) => {
    const x = input(old.graph.inputs[0]!.type!.shape as number[]);
    const raised = raiseOpset(old, NEW);
    expect(raised.opsets).toEqual(new Map([['', NEW]]));
    const [before, after] = [await execute(old, [x]), await execute(raised, [x])];
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [name, value] of before) expect(difference(after.get(name)!, value)).toBeLessThan(1e-6);
  });

  it.each<[string, Model, RegExp]>([
    [
      'a softmax over several axes',
      model(11, 'Softmax', [2, 3, 5]),
      /Softmax 'y' of version 11 .* over several axes/,
    ],
    ['a version before broadcasting', model(6, 'Relu', [2]), /'old' is of version 6/],
    [
      'a lost way to resize',
      model(11, 'Resize', [1, 1, 2, 2], { coordinate_transformation_mode: 'tf_half_pixel_for_nn' }, [
        per('roi', []),
        per('s', [1, 1, 2, 2]),
      ]),
      /tf_half_pixel_for_nn/,
    ],
  ])('is refused if the newer one has no word for %s', (_what, old, sentence) => {
    expect(() => raiseOpset(old, NEW)).toThrow(sentence);
  });

  it('that is not one stays as it is', () => {
    const recent = model(21, 'Relu', [2]);
    expect(raiseOpset(recent, NEW)).toBe(recent);
  });
});
