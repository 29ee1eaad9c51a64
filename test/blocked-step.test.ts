/**
 * Whole training steps of small networks, lowered to blocked kernels with their state in blocks, against standard
 * operators: loss, every gradient, and the state after the step.
 */
import { describe, expect, it } from 'vitest';
import type { BenchNetwork, Layers } from '../bench/lib/networks.js';
import { sgdStep, trainable } from '../bench/lib/training-step.js';
import { carriedState, initialTensor, LEARNING_RATE, STEP } from '../src/autodiff/index.js';
import { type BlockSize, layoutsOf } from '../src/lowering/index.js';
import { float32, type Tensor, tensorValues, type Value } from '../src/onnx/index.js';
import { probeBlockSize } from '../src/runtime/index.js';
import { compareLowerings } from './support/compare-lowerings.js';
import { noise } from './support/execute.js';

const available = await probeBlockSize();
if (available === undefined) console.log('This machine has no blocked kernels: they are only emulated here.');
const KERNELS: readonly (readonly ['native' | 'emulated', BlockSize])[] = [
  ...(available ? [['native', available] as const] : []),
  ['emulated', 8],
  ['emulated', 16],
];

const relu = (l: Layers, x: Value): Value => l.g.op('Relu', [x]);

const head = (l: Layers, x: Value, classes: number): Value =>
  l.dense(l.g.op('Flatten', [l.g.op('GlobalAveragePool', [x])]), classes);

const small = (name: string, build: BenchNetwork['build']): BenchNetwork => ({
  name,
  size: 16,
  batch: 6,
  build,
});

const networks: readonly BenchNetwork[] = [
  small('a ResNet with its stem and pooling', (l, images, classes) => {
    let x = relu(l, l.norm(l.conv(images, 16, 7, { stride: 2 })));
    x = l.g.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    for (const [width, stride] of [
      [16, 1],
      [32, 2],
    ] as const) {
      const inner = relu(l, l.norm(l.conv(x, width, 3, { stride })));
      const main = l.norm(l.conv(inner, width, 3));
      const shortcut = stride === 1 ? x : l.norm(l.conv(x, width, 1, { stride }));
      x = relu(l, l.g.op('Add', [main, shortcut]));
    }
    return head(l, x, classes);
  }),
  small('a network of depthwise convolutions', (l, images, classes) => {
    let x = relu(l, l.norm(l.conv(images, 16, 3, { stride: 2 })));
    for (const [from, to, stride] of [
      [16, 32, 1],
      [32, 48, 2],
    ] as const) {
      x = relu(l, l.norm(l.conv(x, from, 3, { stride, depthwise: true })));
      x = relu(l, l.norm(l.conv(x, to, 1)));
    }
    return head(l, x, classes);
  }),
  small('a wide ResNet that normalises before it convolves', (l, images, classes) => {
    let x = l.conv(images, 16, 3);
    for (const [width, stride] of [
      [32, 1],
      [48, 2],
    ] as const) {
      const ready = relu(l, l.norm(x));
      const inner = relu(l, l.norm(l.conv(ready, width, 3, { stride })));
      x = l.g.op('Add', [l.conv(inner, width, 3), l.conv(ready, width, 1, { stride })]);
    }
    return head(l, relu(l, l.norm(x)), classes);
  }),
  small('channels that blocks divide only in part', (l, images, classes) => {
    const narrow = relu(l, l.norm(l.conv(images, 12, 3)));
    const wide = relu(l, l.norm(l.conv(narrow, 32, 3, { stride: 2 })));
    return head(l, relu(l, l.norm(l.conv(l.conv(wide, 32, 3), 20, 1))), classes);
  }),
];

/** Single precision through batch norm, over which a rounding spreads to all of a batch. */
const TOLERANCE = 2e-4;

describe.each(KERNELS)('a step on %s kernels in blocks of %i', (kernels, block) => {
  it.each(networks)('of $name equals one on standard operators', async (network) => {
    const graph = trainable(network, { classes: 5 });
    const { model, state } = sgdStep(graph);
    const [batch, classes] = graph.target as [number, number];
    const hot = Float32Array.from({ length: batch * classes }, (_, i) =>
      Number(i % classes === (Math.floor(i / classes) * 2) % classes),
    );
    const count = graph.images.reduce((a, b) => a * b, 1);
    const inputs: Tensor[] = [
      float32('images', graph.images, noise(count, 3)),
      float32('target', graph.target, hot),
      float32(LEARNING_RATE, [], Float32Array.of(0.01)),
      float32(STEP, [], Float32Array.of(1)),
      // Momentum begins at zero, so that the next is the gradient.
      ...state.map(initialTensor).map((t) => {
        // Nothing where it began: behind a bias of 0 the next norm would undo any scale, whose gradient were 0.
        const values = tensorValues(t) as Float32Array;
        const noisy = /^norm.*(mean|bias)$/.test(t.name) ? noise(values.length, 7).map((v) => v / 4) : values;
        return float32(t.name, t.dims, noisy);
      }),
    ];
    const carried = carriedState(model, state);
    const { error, output, lowered } = await compareLowerings(model, inputs, block, kernels, carried);
    expect(error, output).toBeLessThan(TOLERANCE);
    const layouts = layoutsOf(lowered)!;
    expect(layouts.block).toBe(block);
    const held = [...layouts.byName.keys()];
    expect(held.some((name) => /^conv\d+$/.test(name))).toBe(true);
    // A weight, its moment, and what they become are in one order.
    for (const name of held.filter((one) => /^conv\d+$/.test(one))) {
      for (const other of [`next.${name}`, `momentum.${name}`, `next.momentum.${name}`]) {
        expect(layouts.byName.get(other)).toBe(layouts.byName.get(name));
      }
    }
  });
});
