/** Inputs shared by several networks. */
import type { NetworkInput } from '../metadata/index.js';

const square = (side: number) => ({ width: side, height: side });

/** RGB in −1..1, for TensorFlow slim's weights and for networks without published weights. */
export const plainInput = (side: number): NetworkInput => ({
  ...square(side),
  color: 'RGB',
  mean: [127.5, 127.5, 127.5],
  scale: [1 / 127.5, 1 / 127.5, 1 / 127.5],
});

/** RGB normalized by ImageNet's mean and standard deviation, for torchvision's weights. */
export const unitInput = (side: number): NetworkInput => ({
  ...square(side),
  color: 'RGB',
  mean: [0, 0, 0],
  scale: [1 / 255, 1 / 255, 1 / 255],
});

export const torchvisionInput = (side: number): NetworkInput => ({
  ...square(side),
  color: 'RGB',
  mean: [123.675, 116.28, 103.53],
  scale: [1 / 58.395, 1 / 57.12, 1 / 57.375],
});

/** BGR minus ImageNet's mean, on the scale 0..255, for weights from Caffe, including those ported to Keras. */
export const caffeInput = (side: number): NetworkInput => ({
  ...square(side),
  color: 'BGR',
  mean: [103.939, 116.779, 123.68],
  scale: [1, 1, 1],
});
