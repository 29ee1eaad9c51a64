/** MobileNet v1 (Howard et al. 2017), with the names of Keras Applications. */
import type { Value } from '../onnx/index.js';
import { plainInput } from './inputs.js';
import type { Layers, Pair } from './layers.js';
import type { Network } from './types.js';

/** Channels and stride of the blocks, each a depthwise convolution and one of 1×1. */
const BLOCKS: readonly (readonly [outputs: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...Array.from({ length: 5 }, () => [512, 1] as const),
  [1024, 2],
  [1024, 1],
];

/** As in Keras. */
const NORM = { epsilon: 1e-3, momentum: 0.99 };

const SCOPES: readonly string[] = [
  'conv1',
  ...BLOCKS.flatMap((_, i) => [`conv_dw_${i + 1}`, `conv_pw_${i + 1}`]),
].flatMap((name) => [name, `${name}_bn`]);

export const MOBILENET: Network = {
  name: 'mobilenet',
  title: 'MobileNet v1',
  source:
    'Howard et al., MobileNets: efficient convolutional neural networks for mobile vision applications, 2017',
  input: plainInput(224),
  classifier: 'conv_preds',
  build(l, images) {
    const stem = layer(l, images, 'conv1', 32, 3, { stride: 2 });
    const maps = BLOCKS.reduce((x, [outputs, stride], i) => {
      const each = layer(l, x, `conv_dw_${i + 1}`, x.size(1), 3, { stride, groups: x.size(1) });
      return layer(l, each, `conv_pw_${i + 1}`, outputs, 1, {});
    }, stem);
    return l.dropout(l.globalPool(maps), 1e-3);
  },
  published: { parameters: 4_253_864, statistics: true, heads: [1000], source: 'Keras Applications' },
  keras: {
    terms: 'The weights of Keras Applications: trained on ImageNet, Apache-2.0.',
    layers: Object.fromEntries([...SCOPES, 'conv_preds'].map((scope) => [scope, scope])),
  },
};

function layer(
  l: Layers,
  x: Value,
  name: string,
  outputs: number,
  kernel: Pair,
  options: { readonly stride?: number; readonly groups?: number },
): Value {
  const made = l.conv(x, name, outputs, kernel, { ...options, pad: 'same' });
  return l.relu6(l.norm(made, `${name}_bn`, NORM));
}
