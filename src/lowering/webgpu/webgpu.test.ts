import { describe, expect, it } from 'vitest';
import { difference, execute } from '../../../test/support/execute.js';
import { webGpuOperators } from '../../../test/support/webgpu-operators.js';
import { GraphBuilder } from '../../onnx/index.js';
import { lowerToWebGpu } from './index.js';

describe('lowerToWebGpu', () => {
  it('puts what computes the same instead of what the provider lacks or gets wrong', async () => {
    const { model, inputs } = webGpuOperators();
    const lowered = lowerToWebGpu(model);
    const found = await execute(lowered, inputs);
    for (const [name, expected] of await execute(model, inputs)) {
      expect(difference(found.get(name)!, expected), name).toBeLessThan(1e-4);
    }
    const operators = new Set(lowered.graph.nodes.map((node) => node.op));
    for (const op of ['LogSoftmax', 'Mean', 'Sum', 'Sign']) expect(operators).not.toContain(op);
  });

  it('leaves alone what the provider gets right', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 4, 6, 6]);
    const dense = g.op('ConvTranspose', [x, g.input('w', 'float32', [4, 3, 2, 2])]);
    const depthwise = g.op('ConvTranspose', [x, g.input('v', 'float32', [4, 1, 2, 2])], { group: 4 });
    const cut = g.op('Slice', [g.op('Pow', [x, g.scalar(2)]), g.ints([1]), g.ints([6]), g.ints([2])]);
    g.output(dense, 'dense');
    g.output(depthwise, 'depthwise');
    g.output(cut, 'cut');
    const model = g.build();
    expect(lowerToWebGpu(model).graph.nodes).toEqual(model.graph.nodes);
  });
});
