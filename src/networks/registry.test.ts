import { describe, expect, it } from 'vitest';
import { trainingStep } from '../autodiff/index.js';
import { GraphBuilder } from '../onnx/index.js';
import { describeNetwork } from './count.js';
import { NetworkError } from './error.js';
import { classificationHead } from './heads.js';
import { Layers } from './layers.js';
import { NETWORKS, networkOf } from './registry.js';
import { zeroWeights } from './weights.js';

const names = NETWORKS.map(({ name }) => name);

describe('the registry', () => {
  it('has a name of lower case, digits and hyphens for each network', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('finds networks by name, and wide ResNets of any shape', () => {
    for (const network of NETWORKS) expect(networkOf(network.name)).toBe(network);
    // Zagoruyko and Komodakis, table 1: 36.5 M; a head for ten classes reads all of the last maps here.
    const { parameters } = describeNetwork(networkOf('wrn-28-10'), { size: 32, heads: [10] });
    expect(parameters - 640 * 8 * 8 * 10).toBeCloseTo(36.5e6, -5);
  });

  it.each([
    ['resnet-50', "; did you mean 'resnet50'?"],
    ['lenet', "; did you mean 'lenet-5'?"],
    ['zzzzzzzz', ''],
  ])('reports which name was likely meant by %s, if one is near', (name, advice) => {
    expect(() => networkOf(name)).toThrow(
      new NetworkError(`'${name}' is not a network${advice} ('agewise networks' lists them)`),
    );
  });

  it('takes no wide ResNet of a shape that does not exist', () => {
    expect(() => networkOf('wrn-17-8')).toThrow(/depth of 10, 16, 22.* found 17 and 8$/);
    expect(() => networkOf('wrn-16-0')).toThrow(/found 16 and 0$/);
  });
});

describe('published counts of parameters', () => {
  it.each(NETWORKS.filter(({ published }) => published))('$name', (network) => {
    const { parameters, statistics, heads, side } = network.published!;
    const found = describeNetwork(network, { heads, ...(side === undefined ? {} : { size: side }) });
    expect(found.parameters + (statistics ? found.statistics : 0)).toBe(parameters);
  });
});

/** As Keras counts layers, weights and biases together. */
const dense = (inputs: number, outputs: number) => (inputs + 1) * outputs;
const conv = (kernel: number, inputs: number, outputs: number) => (kernel ** 2 * inputs + 1) * outputs;
const lstm = (inputs: number, units: number) => 4 * dense(inputs + units, units);
/** Without the convolution's bias; with scale, offset and both statistics. */
const convNorm = (kernel: number, inputs: number, outputs: number) =>
  kernel ** 2 * inputs * outputs + 4 * outputs;
/** Scale, offset and both statistics. */
const norm = (channels: number) => 4 * channels;
const all = (...layers: number[]) => layers.reduce((a, b) => a + b);

/** Keras Applications' ResNet50V2 with `include_top=False`. */
const RESNET50_V2_MAPS = 23_564_800;
const CLASSES = 14;

/** What trains in the second phase of AL-ResNet over 2,048 maps. */
const AL_RESNET_HEADS = (classes: number) =>
  all(
    // Global.
    all(dense(2048, 256), dense(256, classes)),
    // Local: 512 features, an LSTM that reads them one by one, a box by a kernel of 250, and a dense layer.
    all(dense(2048, 512), lstm(1, 128), 250 + 1, dense(2048, 256), dense(256, classes)),
  );
const PIXELS = 3 * 64 ** 2;

/** With heads of 14 classes and statistics, at the size of the network's own input. */
const BY_LAYERS: Readonly<Record<string, number>> = {
  'al-resnet': all(
    all(RESNET50_V2_MAPS, AL_RESNET_HEADS(CLASSES)),
    // The softmax of the first phase, on the region's means.
    dense(2048, CLASSES),
  ),
  // 128 pixels a side become 31, 15, 7 and 3.
  '4c2f': all(
    all(conv(7, 3, 96), conv(5, 96, 128), conv(3, 128, 128), conv(3, 128, 256)),
    all(dense(3 ** 2 * 256, 512), dense(512, 512), dense(512, CLASSES)),
  ),
  // 224 pixels a side become 54, 27, 17, 8, 6, 4, 2 and 1.
  'deep-age-alexnet': all(
    all(conv(11, 3, 96), conv(11, 96, 256), conv(3, 256, 384), conv(3, 384, 384), conv(3, 384, 256)),
    all(dense(256, 4096), dense(4096, 4096), dense(4096, 1000), dense(1000, CLASSES)),
  ),
  // 227 become 56, 28, 14 and 7.
  'deep-age-4c2f': all(
    all(conv(7, 3, 96), norm(96), conv(5, 96, 256), norm(256), conv(3, 256, 256)),
    all(dense(7 ** 2 * 256, 512), dense(512, 512), dense(512, CLASSES)),
  ),
  // 227 become 56, 28, 14, 7, 4 and 2.
  'deep-age-4c2f-mod': all(
    all(conv(7, 3, 96), norm(96), conv(5, 96, 128), norm(128), conv(3, 128, 128), norm(128)),
    all(conv(3, 128, 256), norm(256), dense(2 ** 2 * 256, 128), dense(128, CLASSES)),
  ),
  // 256 are halved six times.
  'deep-age-cnn': all(
    all(conv(3, 3, 32), conv(3, 32, 64), norm(64), conv(3, 64, 64), conv(3, 64, 64), norm(64)),
    all(conv(3, 64, 128), norm(128), conv(3, 128, 256), norm(256), conv(3, 256, 256), norm(256)),
    all(conv(3, 256, 512), norm(512), dense(4 ** 2 * 512, 512), dense(512, CLASSES)),
  ),
  'deep-age-dnn': all(dense(3 * 256 ** 2, 256), dense(256, CLASSES)),
  // 32 become 30, 15, 13 and 6.
  'deep-age-lenet': all(
    all(conv(3, 3, 6), conv(3, 6, 16)),
    all(dense(6 ** 2 * 16, 120), dense(120, 84), dense(84, CLASSES)),
  ),
  'deep-age-softmax': dense(3 * 256 ** 2, CLASSES),
  'deep-age-resnet50v2': all(RESNET50_V2_MAPS, dense(2048, 512), dense(512, CLASSES)),
  // Keras Applications' VGG19 with `include_top=False` has 20,024,384.
  'deep-age-vgg19': all(20_024_384, dense(8 ** 2 * 512, 4096), dense(4096, 4096), dense(4096, CLASSES)),
  'small-cnn': all(
    all(convNorm(3, 3, 32), convNorm(3, 32, 64), convNorm(3, 64, 128)),
    all(dense(8 ** 2 * 128, 256), dense(256, CLASSES)),
  ),
  'dense-network': all(dense(PIXELS, 512), dense(512, 256), dense(256, 128), dense(128, CLASSES)),
  'row-rnn': all(lstm(3 * 64, 128), dense(128, CLASSES)),
  'softmax-regression': dense(PIXELS, CLASSES),
};

describe('AL-ResNet', () => {
  it.each([
    [14, 2_172_183],
    [8, 2_169_099],
  ])('trains as many weights of both branches for %d groups as the system: %d', (classes, published) => {
    const g = new GraphBuilder();
    const l = new Layers(g, zeroWeights);
    const end = networkOf('al-resnet').build(l, g.input('images', 'float32', [1, 3, 256, 256]));
    g.output(classificationHead(l, end, classes, { name: 'age' }));
    const { initializers } = g.build().graph;
    const both = l.trainable.filter((name) => !/^backbone\.|^age\.region\./.test(name));
    const count = both.reduce(
      (sum, name) => sum + initializers.get(name)!.dims.reduce((a, b) => a * b, 1),
      0,
    );
    expect(count).toBe(published);
    expect(AL_RESNET_HEADS(classes)).toBe(published);
  });
});

describe('unpublished counts', () => {
  it.each(NETWORKS.filter(({ published }) => !published))(
    '$name, from the sizes of its layers',
    (network) => {
      const { parameters, statistics } = describeNetwork(network, { heads: [CLASSES] });
      expect(parameters + statistics).toBe(BY_LAYERS[network.name]);
    },
  );
});

describe.each(NETWORKS)('$name', (network) => {
  const { smallest = 1, input, headBias = true } = network;

  it('learns in every parameter, at the smallest size', () => {
    const g = new GraphBuilder({ name: network.name });
    const l = new Layers(g, zeroWeights);
    const end = network.build(l, g.input('images', 'float32', ['N', 3, smallest, smallest]));
    const y =
      'expectation' in end
        ? end.expectation
        : classificationHead(l, end, 2, { name: network.classifier, bias: headBias });
    g.output(g.op('ReduceMean', [y], { keepdims: 0 }), 'loss');
    const step = trainingStep(g.build(), {
      loss: 'loss',
      groups: [{ parameters: l.trainable }],
      optimizer: { kind: 'sgd' },
    });
    const weights = step.state.filter(({ kind }) => kind === 'weight').map((entry) => entry.of);
    expect(weights.toSorted()).toEqual(l.trainable.toSorted());
  });

  it('names layers of Keras once each, all those that it has', () => {
    if (network.keras === undefined) return;
    const scopes = new Set<string>();
    const g = new GraphBuilder();
    const l = new Layers(g, (name, dims, initial) => {
      scopes.add(name.slice(0, name.lastIndexOf('.')));
      return zeroWeights(name, dims, initial);
    });
    network.build(l, g.input('images', 'float32', [1, 3, input.height, input.width]));
    const { layers, flattened = {} } = network.keras;
    const layerNames = Object.values(layers);
    expect(new Set(layerNames).size).toBe(layerNames.length);
    const { backbone = '' } = network;
    const filled = [...scopes].filter((scope) => scope.startsWith(backbone));
    expect(filled.filter((scope) => layers[scope] === undefined)).toEqual([]);
    for (const scope of Object.keys(flattened)) {
      if (scope !== 'classifier') expect(scopes).toContain(scope);
    }
  });
});
