/** Crops against TensorFlow.js' own, and their gradients against differences. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute, noise } from '../../test/support/execute.js';
import { gradientError } from '../../test/support/gradcheck.js';
import { float32, GraphBuilder, type Value } from '../onnx/index.js';
import { type Box, croppedMeans, interpolation } from './crop.js';
import { Layers } from './layers.js';
import { zeroWeights } from './weights.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const [CHANNELS, HEIGHT, WIDTH, SIZE] = [3, 7, 5, 8];

/** Top, left, bottom, right: the whole, a part, one turned over, a line, and a point. */
const BOXES = [
  [0, 0, 1, 1],
  [0.13, 0.4, 0.71, 0.93],
  [0.8, 0.2, 0.3, 0.9],
  [0.1, 0.55, 0.9, 0.55],
  [0.5, 0.5, 0.5, 0.5],
];
const N = BOXES.length;
const DIMS = [N, CHANNELS, HEIGHT, WIDTH];
const maps = noise(N * CHANNELS * HEIGHT * WIDTH, 1);

function boxOf(g: GraphBuilder, boxes: Value): Box {
  const parts = g.ops('Split', 4, [boxes, g.ints([1, 1, 1, 1])], { axis: 1 });
  const [top, left, bottom, right] = parts;
  return { top, left, bottom, right };
}

describe('a crop', () => {
  it('is what TensorFlow crops and resizes, and its mean', async () => {
    const g = new GraphBuilder();
    const l = new Layers(g, zeroWeights);
    const pictures = g.input('maps', 'float32', ['N', CHANNELS, HEIGHT, WIDTH]);
    const box = boxOf(g, g.input('boxes', 'float32', ['N', 4]));
    const axes = [
      interpolation(l, box.top, box.bottom, HEIGHT, SIZE),
      g.op('Transpose', [interpolation(l, box.left, box.right, WIDTH, SIZE)], { perm: [0, 2, 1] }),
    ].map((matrix) => g.op('Unsqueeze', [matrix, g.ints([1])]));
    g.output(g.op('MatMul', [g.op('MatMul', [axes[0]!, pictures]), axes[1]!]), 'crops');
    g.output(croppedMeans(l, pictures, box, SIZE), 'means');
    const inputs = [float32('maps', DIMS, maps), float32('boxes', [N, 4], BOXES.flat())];
    const ours = await execute(g.build(), inputs);

    const theirs = tf.tidy(() => {
      const images = tf.tensor4d(maps, DIMS as [number, number, number, number]).transpose([0, 2, 3, 1]);
      const own = tf.tensor1d([...BOXES.keys()], 'int32');
      const crops = tf.image.cropAndResize(images as tf.Tensor4D, tf.tensor2d(BOXES), own, [SIZE, SIZE]);
      return { crops: crops.transpose([0, 3, 1, 2]).dataSync(), means: tf.mean(crops, [1, 2]).dataSync() };
    });
    for (const name of ['crops', 'means'] as const) {
      const found = ours.get(name)!.values;
      expect(found).toHaveLength(theirs[name].length);
      for (const [i, value] of theirs[name].entries()) expect(found[i]).toBeCloseTo(value, 5);
    }
  });

  // Places are kept off pixels, where a sample has a kink.
  it('has the gradient of differences, for maps and for boxes', async () => {
    const error = await gradientError({
      variables: {
        maps: { dims: [2, CHANNELS, HEIGHT, WIDTH], declared: ['N', CHANNELS, HEIGHT, WIDTH] },
        boxes: { dims: [2, 4], declared: ['N', 4], values: [0.13, 0.41, 0.72, 0.94, 0.8, 0.22, 0.31, 0.91] },
      },
      build: (g, { maps: x, boxes }) => [croppedMeans(new Layers(g, zeroWeights), x, boxOf(g, boxes), 3)],
      precision: 'float32',
    });
    expect(error).toBeLessThan(1);
  });
});
