import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/index.js';
import { describeNetwork, multiplyAdds } from './count.js';
import { NetworkError } from './error.js';
import { networkOf } from './registry.js';

describe('describeNetwork', () => {
  // "GFLOPS" of https://docs.pytorch.org/vision/stable/models.html, which are multiply-adds.
  it.each([
    ['alexnet', 0.71],
    ['efficientnet-b0', 0.39],
    ['inception-v3', 5.71],
    ['mobilenet-v2', 0.3],
    ['mobilenet-v3-large', 0.22],
    ['mobilenet-v3-small', 0.06],
    ['resnet18', 1.81],
    ['resnet34', 3.66],
    ['resnet50', 4.09],
    ['vgg16', 15.47],
    ['vgg19', 19.63],
  ])('counts the multiply-adds of %s as torchvision does, %d billion', (name, billions) => {
    const { multiplyAdds } = describeNetwork(networkOf(name));
    expect(Math.abs(multiplyAdds / 1e9 - billions)).toBeLessThanOrEqual(0.0051);
  });

  it('counts for other sizes and heads', () => {
    const network = networkOf('resnet18');
    const [small, large] = [64, 128].map((size) => describeNetwork(network, { size, heads: [] }));
    // All that is counted is convolutions, over four times the pixels.
    expect(large!.multiplyAdds).toBe(4 * small!.multiplyAdds);
    expect(large!.parameters).toBe(small!.parameters);
    const heads = describeNetwork(network, { size: 64, heads: [101, 2] });
    expect(heads.parameters - small!.parameters).toBe((512 + 1) * 103);
    expect(heads.multiplyAdds - small!.multiplyAdds).toBe(512 * 103);
  });

  it('reports which pictures a network takes', () => {
    const describeAt = (name: string, size: number) => () => describeNetwork(networkOf(name), { size });
    expect(describeAt('alexnet', 62)).toThrow(
      new NetworkError('AlexNet takes pictures of at least 63 pixels a side, found 62×62'),
    );
    expect(describeAt('alexnet', 63)).not.toThrow();
    expect(describeAt('vgg16', 31)).toThrow(NetworkError);
    expect(describeAt('vgg16', 32)).not.toThrow();
  });
});

describe('multiplyAdds', () => {
  it('counts grouped convolutions, matrix products and recurrent layers', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2, 6, 5, 4]);
    g.output(g.op('Conv', [x, g.input('w', 'float32', [9, 2, 3, 1])], { group: 3 }), 'conv');
    g.output(
      g.op('Gemm', [g.input('a', 'float32', [7, 2]), g.input('b', 'float32', [7, 3])], { transA: 1 }),
      'gemm',
    );
    const sequence = g.input('s', 'float32', [10, 2, 5]);
    const weights = [g.input('i', 'float32', [1, 12, 5]), g.input('r', 'float32', [1, 12, 3])];
    g.output(g.op('LSTM', [sequence, ...weights], { hidden_size: 3 }), 'lstm');
    expect(multiplyAdds(g.build())).toBe(2 * 9 * 3 * 4 * (2 * 3) + 2 * 3 * 7 + 10 * 2 * 12 * (5 + 3));
  });
});
