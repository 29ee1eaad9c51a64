/** The network of Levi and Hassner (CVPR Workshops 2015) for age groups and gender, and a deeper variant of it. */
import type { Value } from '../onnx/index.js';
import { plainInput } from './inputs.js';
import type { DenseOptions, Layers } from './layers.js';
import type { Network } from './types.js';
import type { Initial } from './weights.js';

/** Their solver's initial weights of convolutions and of dense layers, which suit pictures in 0..255. */
const CONVOLUTION: Initial = { kind: 'normal', deviation: 0.01 };
const DENSE: Initial = { kind: 'normal', deviation: 0.005 };

export const LEVI_HASSNER: Network = {
  name: 'levi-hassner',
  title: 'Levi-Hassner',
  source: 'Levi and Hassner, Age and gender classification using convolutional neural networks, CVPRW 2015',
  input: {
    width: 227,
    height: 227,
    color: 'BGR',
    mean: [78.4263377603, 87.7689143744, 114.895847746],
    scale: [1, 1, 1],
  },
  smallest: 35,
  classifier: 'fc8',
  build(l, images) {
    const initial = CONVOLUTION;
    const conv1 = l.relu(l.conv(images, 'conv1', 96, 7, { stride: 4, pad: 'valid', bias: true, initial }));
    const norm1 = normalized(l, pooled(l, conv1));
    const conv2 = l.relu(l.conv(norm1, 'conv2', 256, 5, { bias: true, initial, initialBias: 1 }));
    const norm2 = normalized(l, pooled(l, conv2));
    const conv3 = l.relu(l.conv(norm2, 'conv3', 384, 3, { bias: true, initial }));
    return denseLayers(l, pooled(l, conv3), ['fc6', 'fc7'], { initial: DENSE, initialBias: 1 });
  },
  published: {
    parameters: 11_411_970,
    statistics: false,
    heads: [2],
    source: "the size of the authors' gender_net.caffemodel",
  },
};

/** Four convolutions, after Ekmekji (Stanford 2016), and two dense layers. */
export const FOUR_CONVOLUTIONS: Network = {
  name: '4c2f',
  title: '4C2F',
  source: 'Levi and Hassner, CVPRW 2015, with four convolutions (96, 128, 128, 256)',
  input: plainInput(128),
  smallest: 35,
  classifier: 'classifier',
  build(l, images) {
    const conv1 = l.relu(l.conv(images, 'conv1', 96, 7, { stride: 4, pad: 'valid', bias: true }));
    const norm1 = normalized(l, pooled(l, conv1));
    const conv2 = l.relu(l.conv(norm1, 'conv2', 128, 5, { bias: true }));
    const norm2 = normalized(l, pooled(l, conv2));
    const conv3 = l.relu(l.conv(norm2, 'conv3', 128, 3, { bias: true }));
    const conv4 = l.relu(l.conv(conv3, 'conv4', 256, 3, { bias: true }));
    return denseLayers(l, pooled(l, conv4), ['fc1', 'fc2']);
  },
};

/** 3×3 max pooling with stride 2. Caffe rounds sizes up, so the last window may extend a pixel beyond the edge. */
function pooled(l: Layers, x: Value): Value {
  const beyond = (axis: number) => (x.size(axis) % 2 === 0 ? 1 : 0);
  return l.maxPool(x, 3, { stride: 2, pad: [0, 0, beyond(2), beyond(3)] });
}

/** Across five channels (Krizhevsky et al., NIPS 2012, section 3.3). */
const normalized = (l: Layers, x: Value): Value =>
  l.g.op('LRN', [x], { size: 5, alpha: 1e-4, beta: 0.75, bias: 1 });

function denseLayers(l: Layers, maps: Value, names: readonly string[], options: DenseOptions = {}): Value {
  return names.reduce((x, name) => l.dropout(l.relu(l.dense(x, name, 512, options)), 0.5), l.flatten(maps));
}
