/** What networks expect of a picture, where several expect the same. */
import type { NetworkInput } from '../metadata/index.js';

const square = (side: number) => ({ width: side, height: side });

/** RGB in −1..1, as networks are fed that nobody published weights of, and those of TensorFlow's slim. */
export const plainInput = (side: number): NetworkInput => ({
  ...square(side),
  color: 'RGB',
  mean: [127.5, 127.5, 127.5],
  scale: [1 / 127.5, 1 / 127.5, 1 / 127.5],
});

/** RGB by ImageNet's mean and deviation, as torchvision's weights expect it. */
export const torchvisionInput = (side: number): NetworkInput => ({
  ...square(side),
  color: 'RGB',
  mean: [123.675, 116.28, 103.53],
  scale: [1 / 58.395, 1 / 57.12, 1 / 57.375],
});

/** BGR less ImageNet's mean, in 0..255, as Caffe's weights expect it and those of Keras that came from there. */
export const caffeInput = (side: number): NetworkInput => ({
  ...square(side),
  color: 'BGR',
  mean: [103.939, 116.779, 123.68],
  scale: [1, 1, 1],
});
