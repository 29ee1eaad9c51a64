import { describe, expect, it } from 'vitest';
import { GraphBuilder, writeModel } from '../onnx/index.js';
import { createSession } from './node.js';
import { probeBlockSize } from './probe.js';
import { floatData, floatTensor } from './tensor.js';

describe('probeBlockSize', () => {
  it('finds the same size every time', async () => {
    expect(await probeBlockSize()).toBe(await probeBlockSize());
  });

  it('finds the size in which a convolution lays out its result', async (context) => {
    const block = await probeBlockSize();
    if (block === undefined) return context.skip('no blocked kernels on this machine');
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [1, 1, 1, 2]);
    const w = g.input('w', 'float32', [32, 1, 1, 1]);
    const types = [{ dtype: 'float32' as const, shape: [1, 32, 1, 2] }];
    const attributes = {
      kernel_shape: [1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      group: 1,
    };
    g.output(g.custom('com.microsoft.nchwc', 'Conv', 1, [x, w], { attributes, types })[0], 'y');
    const session = await createSession(writeModel(g.build()), 'blocks', { threads: 1 });
    const weights = Float32Array.from({ length: 32 }, (_, i) => i + 1);
    const { y } = await session.run({
      x: floatTensor(Float32Array.of(1, 100), [1, 1, 1, 2]),
      w: floatTensor(weights, [32, 1, 1, 1]),
    });
    await session.dispose();
    // Channels 1..B of the first position, then those of the second.
    const first = Array.from({ length: block }, (_, i) => i + 1);
    expect([...floatData(y!).subarray(0, 2 * block)]).toEqual([...first, ...first.map((v) => 100 * v)]);
  });
});
